package dev.tokenbus.local.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How commands of the command line are run as processes of their own: the same Java with the same
 * class path as ours.
 *
 * @param home of all of them
 */
record Launch(Path home, List<String> java) {
  private static final String MAIN = "dev.tokenbus.local.command.Tokenbus";
  private static final String OUR_PROPERTIES = "tokenbus.";
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-Xshare:auto",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");
  private static final String SMALL = "-Xmx192m";
  private static final String LARGE = "-Xmx512m";

  Launch {
    java = List.copyOf(java);
  }

  /** As this process runs. */
  static Launch likeThisProcess(Path home) {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(OPTIONS);
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(OUR_PROPERTIES))
        .forEach(name -> java.add("-D" + name + "=" + System.getProperty(name)));
    java.add("-cp");
    java.add(System.getProperty("java.class.path"));
    return new Launch(home, java);
  }

  /** Starts a command; what it says on both its streams can be read from its standard output. */
  Process start(Role role, List<String> options) {
    List<String> command = new ArrayList<>(java);
    command.add(1, role == Role.INFRA ? LARGE : SMALL);
    command.add(MAIN);
    command.add(role.command());
    command.add("--home");
    command.add(home.toString());
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("TOKENBUS_"));
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException("Java cannot be run: " + e.getMessage(), e);
    }
  }
}
