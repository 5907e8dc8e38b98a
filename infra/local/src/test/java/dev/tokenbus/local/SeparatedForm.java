package dev.tokenbus.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.local.command.CommandRun;
import dev.tokenbus.runtime.Addresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** A home of its own, and commands on it, each as a process. Closing kills them and deletes it. */
final class SeparatedForm implements AutoCloseable {
  private final Home home = new Home(TestDirectories.create());
  private final Deque<TokenbusProcess> processes = new ArrayDeque<>();

  Home home() {
    return home;
  }

  /** Starts a command on the home and does not wait. */
  TokenbusProcess start(String name, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--home", home.directory().toString()));
    TokenbusProcess process =
        TokenbusProcess.start(home, name, Map.of(), all.toArray(String[]::new));
    processes.addFirst(process);
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
    // The first has children, which stop with it if it is asked to.
    TokenbusProcess first = processes.pollLast();
    processes.forEach(TokenbusProcess::close);
    if (first != null) {
      first.stopOrKill();
    }
    TestDirectories.delete(home.directory());
  }
}
