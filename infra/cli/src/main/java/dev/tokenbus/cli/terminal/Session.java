package dev.tokenbus.cli.terminal;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command runs in: its environment and its three streams.
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
   * Describes what a command runs in.
   *
   * @param defaultHome the home directory if neither an option nor the environment names one
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

  /** The environment of the process. */
  public Map<String, String> environment() {
    return environment;
  }

  /** The home directory if nothing names one. */
  public Path defaultHome() {
    return defaultHome;
  }

  /** Standard input. */
  public InputStream in() {
    return in;
  }

  /** Standard output, for results. */
  public PrintStream out() {
    return out;
  }

  /** Standard error, for warnings and errors. */
  public PrintStream err() {
    return err;
  }

  /** Whether to log more and to show stack traces. */
  public boolean verbose() {
    return verbose;
  }

  /** Sets what {@link #verbose} returns. */
  public void setVerbose(boolean verbose) {
    this.verbose = verbose;
  }
}
