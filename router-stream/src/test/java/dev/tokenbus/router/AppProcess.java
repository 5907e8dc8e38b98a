package dev.tokenbus.router;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import java.nio.file.Path;

/** Runs one app as a process of its own, for tests that kill it. */
final class AppProcess {
  private AppProcess() {}

  /**
   * Runs until it is killed.
   *
   * @param arguments simple name of the app's class, and the directory for its state
   */
  public static void main(String[] arguments) throws InterruptedException {
    Addresses addresses = Addresses.of(System.getenv());
    AppContext context = AppContext.open(addresses, Path.of(arguments[1]));
    AutoCloseable app =
        switch (arguments[0]) {
          case "RouterApp" -> RouterApp.start(context, RouterSettings.from(addresses));
          case "MeteringApp" -> MeteringApp.start(context, MeteringSettings.from(addresses));
          default -> throw new IllegalArgumentException("No such app: " + arguments[0]);
        };
    synchronized (app) {
      while (true) {
        app.wait();
      }
    }
  }
}
