package dev.tokenbus.bench.provider;

import static dev.tokenbus.bench.provider.MockClient.text;
import static dev.tokenbus.bench.provider.RawSocket.streamRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MockFaultsTest {
  private MockProvider mock;
  private MockClient client;

  @BeforeEach
  void start() {
    mock = MockProvider.start();
    client = new MockClient(mock.baseUrl());
  }

  @AfterEach
  void stop() {
    mock.close();
  }

  @Test
  void spacesTokensByTheDelay() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      long start = System.nanoTime();
      socket.send(streamRequest("mock/10x20ms/first-500ms", "pace"));
      socket.readUntil("\r\n\r\n");
      Duration head = Duration.ofNanos(System.nanoTime() - start);
      socket.readUntil("\"delta\":{\"content\":");
      Duration first = Duration.ofNanos(System.nanoTime() - start);
      socket.readUntil("0\r\n\r\n");
      Duration all = Duration.ofNanos(System.nanoTime() - start);

      assertThat(head).isLessThan(Duration.ofMillis(500));
      assertThat(first).isBetween(Duration.ofMillis(500), Duration.ofMillis(1500));
      assertThat(all).isBetween(Duration.ofMillis(680), Duration.ofMillis(3000));
    }
  }

  @Test
  void holdsBackTheHeadWhenAsked() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      long start = System.nanoTime();
      socket.send(streamRequest("mock/headers-100ms", "slow"));
      socket.read();

      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000L);
    }
  }

  @Test
  void splitsEventsAnywhereEvenInsideCharacters() throws IOException {
    boolean insideCharacter = false;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (RawSocket socket = new RawSocket(mock.port())) {
      socket.send(streamRequest("mock/24x0/split-3/separators", "Zürich"));
      socket.readUntil("\r\n\r\n");
      for (byte[] chunk = chunk(socket); chunk.length > 0; chunk = chunk(socket)) {
        assertThat(chunk.length).isLessThanOrEqualTo(3);
        all.writeBytes(chunk);
        insideCharacter |= !isUtf8(all.toByteArray());
      }
    }
    assertThat(insideCharacter).isTrue();
    List<JsonNode> chunks = MockClient.chunks(all.toString(StandardCharsets.UTF_8));
    assertThat(text(chunks, "content").replaceAll("[\u2028\u2029\u0085]", ""))
        .isEqualTo(MockText.text("Zürich", 24));
    assertThat(all.toString(StandardCharsets.UTF_8)).endsWith("data: [DONE]\n\n");
  }

  private static byte[] chunk(RawSocket socket) throws IOException {
    int size = Integer.parseInt(socket.readUntil("\r\n").strip(), 16);
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    byte[] bytes = socket.readExactly(size + 2);
    chunk.write(bytes, 0, size);
    return chunk.toByteArray();
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Test
  void writesOtherLegalFormsOfServerSentEvents() {
    String crlf = client.raw("mock/2x0/crlf", "a", "");
    String comments = client.raw("mock/2x0/comments", "a", "");

    assertThat(crlf).endsWith("data: [DONE]\r\n\r\n").contains("}\r\n\r\ndata: {");
    assertThat(crlf.replace("\r\n", "")).doesNotContain("\n", "\r");
    assertThat(comments).startsWith(": still here\n\ndata: {").contains(": still here\n\ndata: [");
    assertThat(text(MockClient.chunks(comments), "content")).isEqualTo(MockText.text("a", 2));
  }

  @Test
  void sendsSeveralTokensInOneWrite() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      socket.send(streamRequest("mock/8x50ms/burst-4", "burst"));
      String first = new String(socket.read(), StandardCharsets.UTF_8);

      assertThat(text(MockClient.chunks(first), "content")).isEqualTo(MockText.text("burst", 4));
    }
  }

  @Test
  void leavesOutDoneAndUsage() {
    String usage = "\"stream_options\":{\"include_usage\":true}";

    assertThat(client.raw("mock/2x0/nodone", "a", usage))
        .contains("\"usage\"")
        .doesNotContain("DONE");
    assertThat(client.raw("mock/2x0/nousage", "a", usage))
        .doesNotContain("\"usage\"")
        .contains("DONE");
    assertThat(client.json(MockClient.chat("mock/nousage", "a", "")).has("usage")).isFalse();
  }

  @Test
  void putsLineSeparatorsIntoTheText() {
    String raw = client.raw("mock/3x0/separators", "lines", "");

    assertThat(raw).contains("\u2028", "\u2029", "\u0085");
    assertThat(MockClient.chunks(raw)).hasSize(5);
  }

  @Test
  void cutsTheConnectionAfterSomeTokens() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      String all = socket.send(streamRequest("mock/16x1ms/cut-5", "cut")).readToEnd();

      assertThat(text(MockClient.chunks(all), "content")).isEqualTo(MockText.text("cut", 5));
      assertThat(all)
          .doesNotContain("[DONE]", "finish_reason\":\"stop")
          .doesNotEndWith("0\r\n\r\n");
    }
    assertThat(mock.received().getFirst().ending()).isEqualTo(ReceivedRequest.Ending.FAULT);
    assertThat(mock.received().getFirst().tokensSent()).isEqualTo(5);
  }

  @Test
  void resetsTheConnection() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      socket.send(streamRequest("mock/16x20ms/reset-2", "reset"));

      assertThatThrownBy(socket::readToEnd).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void stallsUntilTheClientGivesUpAndNoticesThat() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      socket.send(streamRequest("mock/16x1ms/stall-3", "stall"));
      socket.timeout(300);
      StringBuilder seen = new StringBuilder();
      assertThatThrownBy(
              () -> {
                while (true) {
                  seen.append(new String(socket.read(), StandardCharsets.UTF_8));
                }
              })
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(text(MockClient.chunks(seen.toString()), "content"))
          .isEqualTo(MockText.text("stall", 3));
      assertThat(mock.openRequests()).isEqualTo(1);
    }
    await().until(() -> mock.openRequests() == 0);
    ReceivedRequest received = mock.received().getFirst();
    assertThat(received.ending()).isEqualTo(ReceivedRequest.Ending.CLIENT_GONE);
    assertThat(received.endedAfter().orElseThrow()).isGreaterThan(Duration.ofMillis(300));
  }

  @Test
  void noticesAClientThatLeavesInTheMiddle() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      socket.send(streamRequest("mock/1000x5ms", "leave"));
      socket.readUntil("\"content\":\"" + MockText.tokens("leave", 0, 1).getFirst());
    }
    await().until(() -> mock.openRequests() == 0);
    assertThat(mock.received().getFirst().ending()).isEqualTo(ReceivedRequest.Ending.CLIENT_GONE);
    assertThat(mock.received().getFirst().tokensSent()).isLessThan(100);
  }

  @Test
  void breaksOneChunkAndGoesOn() {
    String raw = client.raw("mock/4x0/malformed-2", "broken", "");

    assertThat(raw).contains("{\"index\":0,\"delta\":{\"content\":\"bro\n\n").contains("[DONE]");
  }

  @Test
  void endsWithAnErrorObjectInMidStream() {
    List<JsonNode> chunks = client.stream("mock/8x0/error-3", "oops", "");

    assertThat(text(chunks, "content")).isEqualTo(MockText.text("oops", 3));
    assertThat(chunks.getLast().at("/error/type").asText()).isEqualTo("server_error");
  }

  @Test
  void neverFallsBehindASlowReaderWithoutBound() throws IOException {
    try (RawSocket socket = new RawSocket(mock.port())) {
      socket.send(streamRequest("mock/20000x0", "big"));
      String all = socket.readToEndOfChunks();

      assertThat(all).contains("data: [DONE]");
      assertThat(text(MockClient.chunks(all), "content")).isEqualTo(MockText.text("big", 20_000));
    }
  }
}
