package dev.tokenbus.ingress;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.AppMain;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import java.util.List;

/**
 * An ingress, the HTTP API, as a process of its own, of which any number may run. Addresses and
 * settings come from the environment.
 */
public final class IngressMain {
  private static final String NAME = "ingress";

  private IngressMain() {}

  /** Runs until the process receives SIGTERM. */
  public static void main(String[] arguments) {
    AppMain.run(NAME, IngressMain::parts);
  }

  /** What a process of this app consists of. */
  public static List<Part> parts(AppContext context) {
    return List.of(part(context, IngressSettings.from(context.addresses())));
  }

  /** The app as one part of a process. */
  public static Part part(AppContext context, IngressSettings settings) {
    return new Part(
        NAME,
        () -> {
          IngressApp app = IngressApp.start(context, settings);
          return new RunningPart(NAME, app.url().toString(), app::ready, app::close);
        });
  }
}
