package dev.tokenbus.chaos.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts commands by the launcher script of a checkout. The script ends by becoming the Java
 * process, so signals to it reach Java.
 *
 * @param script the checkout's {@code tokenbus}
 */
record CheckoutLauncher(Path script) implements ProcessLauncher {
  CheckoutLauncher {
    script = script.toAbsolutePath().normalize();
  }

  @Override
  public Process start(Role role, Path home, List<String> options) {
    List<String> command =
        new ArrayList<>(List.of(script.toString(), role.command(), "--home", home.toString()));
    command.addAll(options);
    return ProcessLauncher.start(
        command, Map.of("TOKENBUS_HEAP", role == Role.INFRA ? "512m" : "192m"));
  }
}
