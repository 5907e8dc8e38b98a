package dev.tokenbus.local.command;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a command runs: its environment and its three streams.
 *
 * <p>Used by one thread; the print streams may be shared.
 */
public final class Session {
  private final Map<String, String> environment;
  private final Path defaultHome;
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private boolean verbose;

  /**
   * Describes where a command runs.
   *
   * @param defaultHome the home directory where neither an option nor the environment names one
   */
  public Session(
      Map<String, String> environment,
      Path defaultHome,
      InputStream in,
      PrintStream out,
      PrintStream err) {
    this.environment = Map.copyOf(environment);
    this.defaultHome = defaultHome;
    this.in = in;
    this.out = out;
    this.err = err;
  }

  Map<String, String> environment() {
    return environment;
  }

  Path defaultHome() {
    return defaultHome;
  }

  InputStream in() {
    return in;
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  boolean verbose() {
    return verbose;
  }

  void setVerbose(boolean verbose) {
    this.verbose = verbose;
  }
}
