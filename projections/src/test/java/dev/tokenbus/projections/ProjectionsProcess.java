package dev.tokenbus.projections;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** One instance as a process of its own, for {@link ProcessDeathIT} to kill. */
final class ProjectionsProcess {
  private ProjectionsProcess() {}

  /**
   * Runs until SIGTERM.
   *
   * @param arguments a directory for state
   */
  public static void main(String[] arguments) throws InterruptedException {
    CountDownLatch terminated = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              terminated.countDown();
              try {
                main.join();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
    Addresses addresses = Addresses.of(System.getenv());
    try (AppContext context = AppContext.open(addresses, Path.of(arguments[0]));
        ProjectionsApp app = ProjectionsApp.start(context, ProjectionsSettings.from(addresses))) {
      while (!app.ready()) {
        Thread.sleep(Duration.ofMillis(20));
      }
      System.out.println("ready");
      terminated.await();
    }
  }
}
