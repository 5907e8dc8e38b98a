package dev.tokenbus.runtime;

import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.runtime.telemetry.Logging;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of an app's {@code main}. Everything comes from the environment: addresses (see {@link
 * Addresses}), the app's settings, and {@value #HOME}, a directory whose {@code endpoints.env}
 * fills in missing addresses and whose directory {@code state} holds what the app can rebuild.
 *
 * <p>Logs go to standard output as JSON lines, what is for people to standard error. Exit code 0
 * after SIGTERM (the JVM makes it 143), 1 if the app cannot start.
 */
public final class AppMain {
  /** Names the home directory. */
  public static final String HOME = "TOKENBUS_HOME";

  private static final String DEFAULT_HOME = ".tokenbus";
  private static final String STATE = "state";
  private static final Logger LOG = LoggerFactory.getLogger(AppMain.class);

  private AppMain() {}

  /** Runs the app until the process receives SIGTERM, then ends the process. */
  public static void run(String name, Function<AppContext, List<Part>> app) {
    Logging.toStandardOutput(false);
    System.exit(run(name, app, System.getenv(), System.err));
  }

  static int run(
      String name,
      Function<AppContext, List<Part>> app,
      Map<String, String> environment,
      PrintStream people) {
    Path home = home(environment);
    try {
      AppProcess.runUntilStopped(
          name, Addresses.of(environment, home), stateDirectory(home), app, people::println);
      return 0;
    } catch (IOException | RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("app", name).log("app did not start");
      people.println("tokenbus: " + name + " did not start: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  /** Where apps keep what they can rebuild from topics. */
  public static Path stateDirectory(Path home) {
    return home.resolve(STATE);
  }

  private static Path home(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(HOME))
        .filter(value -> !value.isBlank())
        .map(Path::of)
        .orElse(Path.of(DEFAULT_HOME))
        .toAbsolutePath()
        .normalize();
  }
}
