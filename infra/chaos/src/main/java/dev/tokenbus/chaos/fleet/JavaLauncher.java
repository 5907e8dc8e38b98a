package dev.tokenbus.chaos.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts commands of the command line as processes of their own.
 *
 * @param java the Java program and its options, class path included
 * @param main the class whose {@code main} runs the commands
 */
record JavaLauncher(List<String> java, String main) implements ProcessLauncher {
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

  JavaLauncher {
    java = List.copyOf(java);
  }

  /**
   * Uses the Java, the class path and the {@code tokenbus.} properties of this process.
   *
   * @param main the class whose {@code main} runs the commands
   */
  static JavaLauncher likeThisProcess(Class<?> main) {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(OPTIONS);
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(OUR_PROPERTIES))
        .forEach(name -> java.add("-D" + name + "=" + System.getProperty(name)));
    java.add("-cp");
    java.add(System.getProperty("java.class.path"));
    return new JavaLauncher(java, main.getName());
  }

  @Override
  public Process start(Role role, Path home, List<String> options) {
    List<String> command = new ArrayList<>(java);
    command.add(1, role == Role.INFRA ? LARGE : SMALL);
    command.add(main);
    command.add(role.command());
    command.add("--home");
    command.add(home.toString());
    command.addAll(options);
    return ProcessLauncher.start(command, Map.of());
  }
}
