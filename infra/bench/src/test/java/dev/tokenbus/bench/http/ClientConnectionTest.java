package dev.tokenbus.bench.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server is a plain socket that writes what the test says and closes. */
class ClientConnectionTest {
  private EventLoop loop;
  private ServerSocket server;

  @BeforeEach
  void start() throws IOException {
    loop = EventLoop.start("test-client");
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    loop.close();
    server.close();
  }

  /** What the client made of an answer written in pieces of random size. */
  private String heard(byte[] answer, Random random) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
    loop.execute(() -> {
      try {
        ClientConnection.open(loop, address)
            .call(
                List.of("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8)),
                new Memory(heard));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    try (Socket socket = server.accept()) {
      socket.setTcpNoDelay(true);
      assertThat(socket.getInputStream().readNBytes(18)).hasSize(18);
      for (int start = 0; start < answer.length; ) {
        int length = Math.min(answer.length - start, 1 + random.nextInt(30));
        socket.getOutputStream().write(answer, start, length);
        start += length;
      }
    } catch (IOException e) {
      // the client may close as soon as it sees nonsense
      assertThat(heard.get(5, TimeUnit.SECONDS)).isNotEmpty();
    }
    return heard.get(5, TimeUnit.SECONDS);
  }

  private String heard(String answer) throws Exception {
    return heard(answer.getBytes(StandardCharsets.UTF_8), new Random(1));
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK|Content-Length: 2||hi', 200 hi",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||2;x|hi|1|!|0|A: b||', 200 hi!",
    "'HTTP/1.1 200 OK||to the end', 200 to the end",
    "'HTTP/1.1 204||', '204 '",
    "'HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 2||hi', 200 hi",
    "'HTTP/1.0 503 Busy|Connection: close|Content-Length: 0||', '503 '",
    "'HTTP/1.1 200 OK|Content-Length: 3||hi', cut off",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|hi|', cut off",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|hi!|', malformed HTTP",
    "'HTTP/1.1 20 OK||', malformed HTTP",
    "'SSH-2.0||', malformed HTTP",
    "'', closed before an answer",
    "'HTTP/1.1 200 OK|Content-Le', closed before an answer"
  })
  void readsAnswers(String answer, String expected) throws Exception {
    assertThat(heard(answer.replace("|", "\r\n"))).isEqualTo(expected);
  }

  @Test
  void alwaysComesToAnEndWhateverTheBytes() throws Exception {
    byte[] good =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"
            .getBytes(StandardCharsets.UTF_8);
    Random random = new Random(9);
    for (int round = 0; round < 300; round++) {
      byte[] mutated = good.clone();
      for (int change = random.nextInt(5); change >= 0; change--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      assertThat(heard(mutated, random)).isNotEmpty();
    }
  }

  private static final class Memory implements ResponseListener {
    private final CompletableFuture<String> heard;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int status;

    Memory(CompletableFuture<String> heard) {
      this.heard = heard;
    }

    @Override
    public void onHead(int answered, HeaderFields headers) {
      status = answered;
    }

    @Override
    public void onBody(ByteBuffer data) {
      byte[] copy = new byte[data.remaining()];
      data.get(copy);
      body.writeBytes(copy);
    }

    @Override
    public void onComplete() {
      heard.complete(status + " " + body.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void onFailure(String reason) {
      heard.complete(reason);
    }
  }
}
