package dev.tokenbus.workers;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.AppMain;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import java.util.List;

/**
 * A worker, which calls the providers, as a process of its own, of which any number may run.
 * Addresses and settings come from the environment.
 */
public final class WorkerMain {
  private static final String NAME = "worker";

  private WorkerMain() {}

  /** Runs until the process receives SIGTERM. */
  public static void main(String[] arguments) {
    AppMain.run(NAME, WorkerMain::parts);
  }

  /** What a process of this app consists of. */
  public static List<Part> parts(AppContext context) {
    return List.of(part(context, WorkerSettings.from(context.addresses())));
  }

  /** The app as one part of a process. */
  public static Part part(AppContext context, WorkerSettings settings) {
    return new Part(
        NAME,
        () -> {
          WorkerApp app = WorkerApp.start(context, settings);
          return new RunningPart(NAME, "", app::ready, app::close);
        },
        settings.stopLimit());
  }
}
