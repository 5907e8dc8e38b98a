package dev.tokenbus.projections;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.AppMain;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import java.util.List;

/**
 * The projections, which write to PostgreSQL, as a process of its own, of which any number may run.
 * Addresses and settings come from the environment.
 */
public final class ProjectionsMain {
  private static final String NAME = "projections";

  private ProjectionsMain() {}

  /** Runs until the process receives SIGTERM. */
  public static void main(String[] arguments) {
    AppMain.run(NAME, ProjectionsMain::parts);
  }

  /** What a process of this app consists of. */
  public static List<Part> parts(AppContext context) {
    return List.of(part(context, ProjectionsSettings.from(context.addresses())));
  }

  /** The app as one part of a process. */
  public static Part part(AppContext context, ProjectionsSettings settings) {
    return new Part(
        NAME,
        () -> {
          ProjectionsApp app = ProjectionsApp.start(context, settings);
          return new RunningPart(NAME, "", app::ready, app::close);
        });
  }
}
