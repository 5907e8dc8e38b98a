package dev.tokenbus.router;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.AppMain;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import java.util.List;

/**
 * The router as a process of its own, of which any number may run. Addresses and settings come from
 * the environment.
 */
public final class RouterMain {
  private static final String NAME = "router";

  private RouterMain() {}

  /** Runs until the process receives SIGTERM. */
  public static void main(String[] arguments) {
    AppMain.run(NAME, RouterMain::parts);
  }

  /** What a process of this app consists of. */
  public static List<Part> parts(AppContext context) {
    return List.of(part(context, RouterSettings.from(context.addresses())));
  }

  /** The app as one part of a process. */
  public static Part part(AppContext context, RouterSettings settings) {
    return new Part(
        NAME,
        () -> {
          RouterApp app = RouterApp.start(context, settings);
          return new RunningPart(NAME, "", app::ready, app::close);
        });
  }
}
