package dev.tokenbus.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.topics.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class AnsweringIT {
  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  AnsweringIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void streamsTokensWhileTheyAreStillProduced() throws Exception {
    try (Backbone backbone = start()) {
      CountDownLatch firstSeen = new CountDownLatch(1);
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(true, false).opened(1, "m-1").text("Hel");
            answer.send();
            assertThat(firstSeen.await(10, TimeUnit.SECONDS)).isTrue();
            answer.records().text("lo").stop().completed(1, 2);
            answer.send();
          });

      HttpResponse<InputStream> response = backbone.client().stream(Client.chat(true));
      BufferedReader lines = lines(response);
      List<String> data = new ArrayList<>();
      data.add(nextData(lines));
      data.add(nextData(lines));
      firstSeen.countDown();
      lines.lines().filter(line -> line.startsWith("data: ")).forEach(data::add);

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
      assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
      assertThat(data).hasSize(5);
      assertThat(data.get(1)).contains("\"content\":\"Hel\"").contains("\"model\":\"m-1\"");
      assertThat(data.get(2)).contains("\"content\":\"lo\"");
      assertThat(data.getLast()).isEqualTo("data: [DONE]");
    }
  }

  @Test
  void answersInOnePieceAndWritesTheRequestAhead() throws Exception {
    try (Backbone backbone = start()) {
      BlockingQueue<RequestAccepted> accepted = new LinkedBlockingQueue<>();
      backbone
          .router()
          .follow((request, answer) -> {
            accepted.add(request);
            answer.records().admitted(false, false).opened(1, "m-1").text("Hello").stop();
            answer.records().completed(1, 2);
            answer.send();
          });

      HttpResponse<String> response =
          backbone
              .client()
              .send(
                  "/v1/chat/completions",
                  request ->
                      request
                          .header("Content-Type", "application/json; charset=UTF-8")
                          .header("X-Session-ID", "session-7")
                          .header("Idempotency-Key", "abc")
                          .POST(HttpRequest.BodyPublishers.ofString(Client.chat(false))));

      RequestAccepted written = accepted.take();
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).contains("\"content\":\"Hello\"").contains("\"chat.completion\"");
      assertThat(response.headers().firstValue("X-Request-Id")).hasValue(written.getRequestId());
      assertThat(response.headers().firstValue("X-Session-ID")).hasValue("session-7");
      assertThat(written.getTenant()).isEqualTo("acme");
      assertThat(written.getKeyId()).isEqualTo("web");
      assertThat(written.getSession()).isEqualTo("session-7");
      assertThat(written.getIdempotencyKey()).isEqualTo("abc");
      assertThat(written.getBodyHash().remaining()).isEqualTo(32);
    }
  }

  @Test
  void answersWithTheStatusOfAFailureThatComesFirst() throws Exception {
    try (Backbone backbone = start()) {
      for (boolean stream : new boolean[] {true, false}) {
        backbone
            .router()
            .follow((request, answer) -> {
              answer.records().rejected("rate_limit_exceeded", "Slow down", 1_500L);
              answer.send();
            });
        HttpResponse<String> rejected = backbone.client().post(Client.chat(stream));

        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(rejected.headers().firstValue("Retry-After")).hasValue("2");
        assertThat(rejected.headers().firstValue("x-should-retry")).isEmpty();
        assertThat(rejected.body()).contains("Slow down").contains("rate_limit_exceeded");

        backbone
            .router()
            .follow((request, answer) -> {
              answer.records().admitted(stream, false).failed("attempts_exhausted", "No luck");
              answer.send();
            });
        HttpResponse<String> failed = backbone.client().post(Client.chat(stream));

        assertThat(failed.statusCode()).isEqualTo(502);
        assertThat(failed.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(failed.body()).contains("No luck");
      }
    }
  }

  @Test
  void endsABrokenStreamWithAnErrorEvent() throws Exception {
    try (Backbone backbone = start()) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(true, false).opened(1, "m").text("He");
            answer.records().failed("stream_broken", "It broke");
            answer.send();
          });

      HttpResponse<String> response = backbone.client().post(Client.chat(true));

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body())
          .contains("\"error\":{")
          .contains("It broke")
          .doesNotContain("[DONE]");
    }
  }

  @Test
  void commitsAndSendsHeartbeatsWhileNothingComes() throws Exception {
    try (Backbone backbone =
        start("TOKENBUS_COMMIT_AFTER_MS", "300", "TOKENBUS_HEARTBEAT_MS", "200")) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(true, false);
            answer.send();
            Thread.sleep(1_500);
            answer.records().opened(1, "m").text("late").stop().completed(1, 1);
            answer.send();
          });

      String body = backbone.client().post(Client.chat(true)).body();

      assertThat(body.split(": keep-alive\n", -1)).hasSizeBetween(4, 9);
      assertThat(body).startsWith(": keep-alive\n").endsWith("data: [DONE]\n\n");
      assertThat(body).doesNotContain(": keep-alive\n\n");
    }
  }

  @Test
  void givesUpAtTheDeadlineWhenNoRouterAnswers() throws Exception {
    try (Backbone backbone = start("TOKENBUS_DEADLINE_MS", "500")) {
      for (boolean stream : new boolean[] {true, false}) {
        HttpResponse<String> response = backbone.client().post(Client.chat(stream));

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(response.body()).contains("no router").contains("deadline_exceeded");
        assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
      }
    }
  }

  @Test
  void letsASlowClientReadFromTheLogAtItsOwnPace() throws Exception {
    int pieces = 6_000;
    String piece = "0123456789".repeat(50);
    try (Backbone backbone = start("TOKENBUS_FEED_RECORDS", "8")) {
      CompletableFuture<Void> written = new CompletableFuture<>();
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(true, false).opened(1, "m");
            for (int i = 0; i < pieces; i++) {
              answer.records().text(i + ":" + piece);
            }
            answer.records().stop().completed(1, pieces);
            answer.send();
            written.complete(null);
          });

      try (Socket socket = backbone.client().slow(Client.chat(true), 4_096)) {
        written.get(30, TimeUnit.SECONDS);
        Thread.sleep(1_000);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        int expected = 0;
        String line = "";
        while (!line.equals("data: [DONE]")) {
          line = lines.readLine();
          assertThat(line).isNotNull();
          if (line.contains("\"content\":\"" + expected + ":" + piece + "\"")) {
            expected++;
          } else {
            assertThat(line).doesNotContain(piece);
          }
        }
        assertThat(expected).isEqualTo(pieces);
      }
    }
  }

  @Test
  void ordersARequestToBeStoppedWhenItsClientHasGoneAndThePolicySaysSo() throws Exception {
    try (Backbone backbone = start();
        KafkaConsumer<String, Control> control = control(backbone)) {
      BlockingQueue<String> taken = new LinkedBlockingQueue<>();
      backbone
          .router()
          .follow((request, answer) -> {
            taken.add(request.getRequestId());
            answer.records().admitted(true, false).opened(1, "m").text("x");
            answer.send();
          });

      for (boolean stream : new boolean[] {true, false}) {
        backbone.client().slow(Client.chat(stream), 65_536).close();
        String continued = taken.take();
        backbone.client(Backbone.CANCELLING_KEY).slow(Client.chat(stream), 65_536).close();
        String cancelled = taken.take();

        List<Control> orders = new ArrayList<>();
        await()
            .atMost(Duration.ofSeconds(5))
            .until(() -> {
              for (ConsumerRecord<String, Control> order : control.poll(Duration.ofMillis(100))) {
                orders.add(order.value());
              }
              return !orders.isEmpty();
            });
        assertThat(orders).extracting(Control::getRequestId).containsExactly(cancelled);
        assertThat(cancelled).isNotEqualTo(continued);
        assertThat(((Cancel) orders.getFirst().getCommand()).getReason())
            .isEqualTo(CancelReason.CLIENT_GONE);
      }
    }
  }

  @Test
  void keepsTheConnectionOfAClientThatWasWatched() throws Exception {
    try (Backbone backbone = start()) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(false, false);
            answer.send();
            Thread.sleep(1_500);
            answer.records().opened(1, "m").text("done").stop().completed(1, 1);
            answer.send();
          });
      String body = Client.chat(false);
      String request =
          backbone.client().head() + "Content-Length: " + body.length() + "\r\n\r\n" + body;

      // Two requests at once on one connection: the second one's bytes are there while the first is
      // watched.
      try (Socket socket = backbone.client().raw(request + request)) {
        Thread.sleep(1_200);
        socket.getOutputStream().write(request.getBytes(UTF_8));
        socket.getOutputStream().flush();
        String answers = "";
        while (answers.split("HTTP/1.1 200 OK", -1).length < 4 || !answers.endsWith("}}")) {
          byte[] bytes = new byte[8_192];
          int count = socket.getInputStream().read(bytes);
          assertThat(count).isPositive();
          answers += new String(bytes, 0, count, UTF_8);
        }
        assertThat(answers.split("\"content\":\"done\"", -1)).hasSize(4);
      }
    }
  }

  @Test
  void letsRequestsFinishWhenItIsClosed() throws Exception {
    Backbone backbone = start();
    CountDownLatch begun = new CountDownLatch(1);
    backbone
        .router()
        .follow((request, answer) -> {
          answer.records().admitted(true, false).opened(1, "m").text("a");
          answer.send();
          begun.countDown();
          Thread.sleep(1_000);
          answer.records().text("b").stop().completed(1, 2);
          answer.send();
        });
    CompletableFuture<HttpResponse<String>> response =
        CompletableFuture.supplyAsync(() -> postQuietly(backbone));
    begun.await();
    Thread.sleep(100);

    backbone.ingress().close();

    assertThat(response.get(1, TimeUnit.SECONDS).body()).endsWith("data: [DONE]\n\n");
    assertThat(backbone.ingress().ready()).isFalse();
    assertThatThrownBy(() -> backbone.client().get("/health/live")).isInstanceOf(IOException.class);
    backbone.close();
  }

  @Test
  void cutsOffWhatDoesNotFinishInTimeSoThatNothingLooksFinished() throws Exception {
    try (Backbone backbone = start("TOKENBUS_DRAIN_MS", "300")) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(true, false).opened(1, "m").text("a");
            answer.send();
          });
      HttpResponse<InputStream> response = backbone.client().stream(Client.chat(true));
      BufferedReader lines = lines(response);
      nextData(lines);

      long begun = System.nanoTime();
      backbone.ingress().close();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
      assertThatThrownBy(
              () -> {
                while (lines.readLine() != null) {
                  // To the end, which must not look like one.
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  private static HttpResponse<String> postQuietly(Backbone backbone) {
    try {
      return backbone.client().post(Client.chat(true));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Backbone start(String... environment) throws Exception {
    return Backbone.start(broker.bootstrapServers(), registry.url(), environment);
  }

  private static KafkaConsumer<String, Control> control(Backbone backbone) {
    KafkaConsumer<String, Control> consumer =
        new KafkaConsumer<>(
            backbone.kafka().consumer("test"),
            new StringDeserializer(),
            backbone.context().schemas().deserializer(Control.class));
    TopicPartition partition = new TopicPartition(Topics.CONTROL.name(), 0);
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
    consumer.position(partition);
    return consumer;
  }

  private static BufferedReader lines(HttpResponse<InputStream> response) {
    return new BufferedReader(new InputStreamReader(response.body(), UTF_8));
  }

  private static String nextData(BufferedReader lines) throws IOException {
    while (true) {
      String line = lines.readLine();
      assertThat(line).isNotNull();
      if (line.startsWith("data: ")) {
        return line;
      }
    }
  }
}
