package dev.tokenbus.bench.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MockServerTest {
  private static final int MAX_BODY_BYTES = 1_000_000;

  private EventLoop loop;
  private MockServer server;

  @BeforeEach
  void start() {
    loop = EventLoop.start("test-server");
    server =
        MockServer.start(
            loop,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            MAX_BODY_BYTES,
            MockServerTest::answer);
  }

  @AfterEach
  void stop() {
    server.close();
    loop.close();
  }

  /** Echoes method, path and body; streams it byte by byte where the path says so. */
  private static void answer(HttpRequest request, Exchange exchange) {
    if (request.path().equals("/fail")) {
      throw new IllegalStateException("told to");
    }
    String line = request.method() + " " + request.path() + " ";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(line.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(request.body());
    byte[] echo = out.toByteArray();
    if (!request.path().startsWith("/stream")) {
      exchange.respond(200, HeaderFields.NONE, echo);
      return;
    }
    exchange.start(200, HeaderFields.NONE);
    for (int i = 0; i < echo.length; i++) {
      exchange.send(echo, i, 1);
    }
    exchange.loop().schedule(System.nanoTime(), exchange::finish);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private String exchange(byte[]... parts) throws IOException {
    try (Socket socket = connect()) {
      for (byte[] part : parts) {
        socket.getOutputStream().write(part);
        socket.getOutputStream().flush();
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void answersPipelinedRequestsInOrder() throws IOException {
    String answers =
        exchange(
            bytes(
                "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi"
                    + "POST /stream HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3;x=y\r\nabc\r\n0\r\nTrailer: t\r\n\r\n"
                    + "GET /c?q=1 HTTP/1.1\r\nConnection: close\r\n\r\n"));

    assertThat(answers.split("HTTP/1.1 200 OK\r\n", -1)).hasSize(4);
    assertThat(answers).containsSubsequence("POST /a hi", "\r\n1\r\nP\r\n", "0\r\n\r\n", "GET /c ");
  }

  @Test
  void understandsARequestSplitAnywhere() throws IOException {
    String chunks = "5\r\nHello\r\nA\r\n, wörld!\n\r\n0\r\n\r\n";
    byte[] request =
        bytes(
            "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks);
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      List<byte[]> parts = new ArrayList<>();
      int start = 0;
      while (start < request.length) {
        int end = Math.min(request.length, start + 1 + random.nextInt(20));
        parts.add(Arrays.copyOfRange(request, start, end));
        start = end;
      }
      assertThat(exchange(parts.toArray(byte[][]::new))).endsWith("POST /x Hello, wörld!\n");
    }
  }

  @Test
  void sendsContinueBeforeTheBodyComes() throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(bytes("POST /x HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readNBytes(25), StandardCharsets.UTF_8))
          .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      socket.getOutputStream().write(bytes("ok"));
      byte[] answer = new byte[1000];
      int count = in.read(answer);
      assertThat(new String(answer, 0, count, StandardCharsets.UTF_8)).endsWith("POST /x ok");
    }
  }

  @Test
  void keepsTheConnectionOfTheJdksClient() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + "/stream");
    byte[] body = new byte[20_000];
    new Random(1).nextBytes(body);
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 5; i++) {
        HttpResponse<byte[]> response =
            client.send(
                java.net.http.HttpRequest.newBuilder(uri)
                    .expectContinue(i % 2 == 0)
                    .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                    .build(),
                BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).hasSize(body.length + "POST /stream ".length()).endsWith(body);
      }
    }
  }

  @Test
  void endsAStreamToAnOldClientByClosing() throws IOException {
    assertThat(exchange(bytes("POST /stream HTTP/1.0\r\nContent-Length: 1\r\n\r\nx")))
        .doesNotContain("chunked")
        .endsWith("\r\n\r\nPOST /stream x");
  }

  @Test
  void answersHeadWithoutABody() throws IOException {
    assertThat(exchange(bytes("HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n")))
        .contains("Content-Length: 8")
        .endsWith("\r\n\r\n");
  }

  @Test
  void refusesABodyThatIsTooLargeSoThatTheClientReadsTheAnswer() throws IOException {
    byte[] announced =
        bytes("POST /x HTTP/1.1\r\nContent-Length: " + (MAX_BODY_BYTES + 1) + "\r\n\r\n");
    byte[] chunked = bytes("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n");

    assertThat(exchange(announced, new byte[MAX_BODY_BYTES + 1])).startsWith("HTTP/1.1 413 ");
    assertThat(exchange(chunked, new byte[MAX_BODY_BYTES + 1])).startsWith("HTTP/1.1 413 ");
  }

  @Test
  void survivesAHandlerThatThrows() throws IOException {
    assertThat(exchange(bytes("GET /fail HTTP/1.1\r\nConnection: close\r\n\r\n")))
        .startsWith("HTTP/1.1 500 ");
    assertThat(exchange(bytes("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"))).contains("GET /x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET /x HTTP/2.0\r\n\r\n",
        "GET /x HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /x HTTP/1.1\r\nspace : x\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /x HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n",
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab"
      })
  void refusesWhatIsNotHttp(String request) throws IOException {
    assertThat(exchange(bytes(request))).matches("(?s)HTTP/1.1 (400|501) .*");
  }

  @Test
  void outlivesRandomBytes() throws IOException {
    Random random = new Random(11);
    byte[] template =
        bytes("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n");
    for (int round = 0; round < 300; round++) {
      byte[] mutated = template.clone();
      for (int change = random.nextInt(6); change >= 0; change--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      try (Socket socket = connect()) {
        socket.getOutputStream().write(mutated);
        socket.shutdownOutput();
        byte[] answer = socket.getInputStream().readAllBytes();
        assertThat(
                answer.length == 0
                    || new String(answer, StandardCharsets.UTF_8).startsWith("HTTP/1.1 "))
            .isTrue();
      }
    }
    assertThat(exchange(bytes("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"))).contains("GET /x");
  }
}
