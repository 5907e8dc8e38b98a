package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.local.Home;
import dev.tokenbus.runtime.config.Addresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A home of its own, and commands on it, each as a process. Closing kills them and deletes it. */
final class SeparatedForm implements AutoCloseable {
  /** They have children, which stop with them if they are asked to. */
  private static final Set<String> SERVERS = Set.of("infra", "up");

  private final Home home = new Home(TestDirectories.create());
  private final Deque<TokenbusProcess> processes = new ArrayDeque<>();
  private final Deque<TokenbusProcess> servers = new ArrayDeque<>();

  Home home() {
    return home;
  }

  /** Starts a command on the home and does not wait. */
  TokenbusProcess start(String name, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--home", home.directory().toString()));
    TokenbusProcess process =
        TokenbusProcess.start(home, name, Map.of(), all.toArray(String[]::new));
    (SERVERS.contains(arguments[0]) ? servers : processes).addFirst(process);
    return process;
  }

  TokenbusProcess ingress(String name, int port) {
    return start(name, "ingress", "--port", String.valueOf(port));
  }

  void apply(String catalogue) throws IOException {
    Path file = home.directory().resolve("catalogue.yaml");
    Files.writeString(file, catalogue);
    CommandRun applied =
        CommandRun.of(Map.of(), "apply", "--home", home.directory().toString(), file.toString());
    assertThat(applied.exitCode()).as(applied.err()).isZero();
  }

  /** Of what is running; to be asked for once the first process is ready. */
  Addresses addresses() throws IOException {
    return Addresses.of(Map.of(), home.directory());
  }

  @Override
  public void close() {
    processes.forEach(TokenbusProcess::close);
    servers.forEach(TokenbusProcess::stopOrKill);
    TestDirectories.delete(home.directory());
  }
}
