package dev.tokenbus.ingress.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections whose requests are watched until their answers are complete, and a little longer. */
@Timeout(120)
class ConnectionWatchTest {
  private static final int CLIENTS = 16;
  private static final int REQUESTS = 3_000;
  private static final byte[] ANSWER = "4\r\nDone\r\n0\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] REQUEST =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nWork".getBytes(US_ASCII);

  /** The next request comes while the watch on the one before is being given up. */
  @Test
  void leavesTheNextRequestOfTheConnectionWhole() throws Exception {
    try (HttpServer server =
            HttpServer.start(
                "127.0.0.1",
                0,
                Duration.ofMillis(100),
                config -> config.routes.post("/", this::answerWatched));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(threads.submit(() -> answered(server.port())));
      }
      for (Future<Integer> client : clients) {
        assertThat(client.get()).isEqualTo(REQUESTS);
      }
    }
  }

  private void answerWatched(Context context) throws IOException {
    assertThat(context.req().getInputStream().readAllBytes()).hasSize(4);
    try (ConnectionWatch watch = new ConnectionWatch(context.req(), () -> {})) {
      watch.arm();
      OutputStream out = context.res().getOutputStream();
      out.write("Do".getBytes(US_ASCII));
      out.write("ne".getBytes(US_ASCII));
      out.flush();
      out.close();
      // So that the watch is given up at about the time at which the next request comes.
      long until = System.nanoTime() + ThreadLocalRandom.current().nextInt(300_000);
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
    }
  }

  /** Asks again as soon as an answer is complete; returns how many answers came. */
  private static int answered(int port) throws IOException {
    int count = 0;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(10_000);
      InputStream in = socket.getInputStream();
      byte[] end = new byte[ANSWER.length];
      while (count < REQUESTS) {
        socket.getOutputStream().write(REQUEST);
        int next = in.read();
        while (next >= 0) {
          System.arraycopy(end, 1, end, 0, end.length - 1);
          end[end.length - 1] = (byte) next;
          if (Arrays.equals(end, ANSWER)) {
            break;
          }
          next = in.read();
        }
        if (next < 0) {
          return count;
        }
        count++;
      }
    }
    return count;
  }
}
