package dev.tokenbus.chaos.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts commands of the command line as processes of their own. Thread-safe. */
public sealed interface ProcessLauncher permits JavaLauncher, CheckoutLauncher {
  /**
   * Starts a command on a home.
   *
   * @return the process; what it writes to standard error can be read from its standard output
   */
  Process start(Role role, Path home, List<String> options);

  /**
   * Uses the Java, the class path and the {@code tokenbus.} properties of this process.
   *
   * @param main the class whose {@code main} runs the commands
   */
  static ProcessLauncher likeThisProcess(Class<?> main) {
    return JavaLauncher.likeThisProcess(main);
  }

  /** Uses the launcher script of a checkout, which may be of another version. */
  static ProcessLauncher ofCheckout(Path script) {
    return new CheckoutLauncher(script);
  }

  /** Starts a program without the variables of ours that this process was given. */
  static Process start(List<String> command, Map<String, String> variables) {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("TOKENBUS_"));
    environment.putAll(variables);
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(command.getFirst() + " cannot be run: " + e.getMessage(), e);
    }
  }
}
