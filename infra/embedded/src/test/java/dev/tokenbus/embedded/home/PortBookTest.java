package dev.tokenbus.embedded.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortBookTest {
  @TempDir private Path directory;

  @Test
  void remembersAPortFromOneStartToTheNext() {
    int port = book().choose("broker");
    assertThat(book().choose("broker")).isEqualTo(port);
  }

  @Test
  void givesNoPortTwice() {
    PortBook book = book();
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      ports.add(book.choose("server" + i));
    }
    assertThat(ports).hasSize(100).allMatch(port -> port >= 20_000 && port < 32_000);
  }

  @Test
  void choosesAnotherWhenTheRememberedOneIsTakenAndRemembersThat() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Files.writeString(directory.resolve("ports"), "broker=" + taken.getLocalPort());
      int other = book().choose("broker");
      assertThat(other).isNotEqualTo(taken.getLocalPort());
      assertThat(book().choose("broker")).isEqualTo(other);
    }
  }

  @Test
  void choosesAnewWhenTheRememberedOneIsUnreadable() throws IOException {
    Files.writeString(directory.resolve("ports"), "broker=ninety");
    assertThat(book().choose("broker")).isPositive();
  }

  private PortBook book() {
    return PortBook.open(directory.resolve("ports"));
  }
}
