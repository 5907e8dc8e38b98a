package dev.tokenbus.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttachReason;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TextDelta;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
@Timeout(180)
class ResumingIT {
  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  ResumingIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void givesTheSameBytesAfterEveryEventOnEveryInstance() throws Exception {
    try (Backbone first = start("one");
        IngressApp second = first.startAnother("two")) {
      follow(first, new CountDownLatch(0));
      HttpResponse<String> whole = first.client().post(Client.chat(true));
      String id = whole.headers().firstValue("X-Request-Id").orElseThrow();
      List<String> events = events(whole.body());
      assertThat(events).hasSizeGreaterThan(8);

      for (Client client : List.of(first.client(), new Client(second.url(), Backbone.KEY))) {
        HttpResponse<String> again = client.get("/v1/streams/" + id);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(whole.body());
        assertThat(again.headers().firstValue("X-Request-Id")).hasValue(id);
        for (int seen = 1; seen <= events.size(); seen++) {
          HttpResponse<String> rest = resume(client, id, idOf(events.get(seen - 1)));
          assertThat(rest.statusCode()).isEqualTo(200);
          assertThat(rest.body()).isEqualTo(String.join("", events.subList(seen, events.size())));
        }
      }
    }
  }

  @Test
  void followsAStreamThatIsStillProducedOnAnotherInstance() throws Exception {
    try (Backbone first = start("one");
        IngressApp second = first.startAnother("two");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch goOn = new CountDownLatch(1);
      follow(first, goOn);
      HttpResponse<InputStream> cut = first.client().stream(Client.chat(true));
      String id = cut.headers().firstValue("X-Request-Id").orElseThrow();
      BufferedReader lines = new BufferedReader(new InputStreamReader(cut.body(), UTF_8));
      List<String> seen = new ArrayList<>();
      while (seen.size() < 2) {
        String line = lines.readLine();
        if (line.startsWith("id: ")) {
          seen.add(line.substring(4));
        }
      }
      cut.body().close();

      Client elsewhere = new Client(second.url(), Backbone.KEY);
      List<Future<String>> rests = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        rests.add(threads.submit(() -> resume(elsewhere, id, seen.get(0)).body()));
      }
      Thread.sleep(500);
      goOn.countDown();

      String whole = elsewhere.get("/v1/streams/" + id).body();
      List<String> events = events(whole);
      assertThat(events.getLast()).contains("[DONE]");
      for (Future<String> rest : rests) {
        assertThat(rest.get(30, TimeUnit.SECONDS))
            .isEqualTo(String.join("", events.subList(1, events.size())));
      }
    }
  }

  @Test
  void givesAnAnswerInOnePieceAndAFailureAgain() throws Exception {
    try (Backbone backbone = start("one")) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(false, false).opened(1, "m-1").text("Hello").stop();
            answer.records().completed(1, 2);
            answer.send();
          });
      HttpResponse<String> whole = backbone.client().post(Client.chat(false));
      HttpResponse<String> again = backbone.client().get("/v1/streams/" + idOf(whole));
      assertThat(again.body()).isEqualTo(whole.body());

      backbone
          .router()
          .follow((request, answer) -> {
            answer.records().admitted(true, false).failed("attempts_exhausted", "No luck");
            answer.send();
          });
      HttpResponse<String> failed = backbone.client().post(Client.chat(true));
      HttpResponse<String> failedAgain = backbone.client().get("/v1/streams/" + idOf(failed));
      assertThat(failedAgain.statusCode()).isEqualTo(failed.statusCode()).isEqualTo(502);
      assertThat(failedAgain.body()).isEqualTo(failed.body());
    }
  }

  @Test
  void rendersAStreamWhoseAdmissionReachedTheLogLate() throws Exception {
    try (Backbone first = start("one");
        IngressApp second = first.startAnother("two")) {
      first
          .router()
          .follow((request, answer) -> {
            RequestId id = RequestId.parse(request.getRequestId());
            answer.records().openedWith(ReplyRecords.rendering(id, true, true)).text("Hello");
            answer.records().stop().completed(1, 2);
            answer.send();
          });
      HttpResponse<String> whole =
          first
              .client()
              .post(
                  Client.chat(true)
                      .replace(
                          "{\"model\"", "{\"stream_options\":{\"include_usage\":true},\"model\""));
      HttpResponse<String> again =
          new Client(second.url(), Backbone.KEY).get("/v1/streams/" + idOf(whole));

      assertThat(whole.body()).contains("\"usage\":{");
      assertThat(again.body()).isEqualTo(whole.body());
    }
  }

  @Test
  void answersARepeatWithTheEarlierRequestsAnswer() throws Exception {
    try (Backbone first = start("one");
        IngressApp second = first.startAnother("two");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch goOn = new CountDownLatch(1);
      BlockingQueue<String> owners = new LinkedBlockingQueue<>();
      first
          .router()
          .follow((request, answer) -> {
            RequestId id = RequestId.parse(request.getRequestId());
            String owner = owners.peek();
            if (owner == null) {
              owners.add(request.getRequestId());
              answer(answer, goOn);
            } else {
              answer
                  .records()
                  .add(
                      new Attached(
                          ReplyRecords.rendering(id, true, false), owner, AttachReason.REPEAT));
              answer.send();
            }
          });
      Future<HttpResponse<String>> original =
          threads.submit(() -> first.client().post(Client.chat(true)));
      String owner = owners.poll(10, TimeUnit.SECONDS);
      assertThat(owner).isNotNull();
      owners.add(owner);
      Future<HttpResponse<String>> repeat =
          threads.submit(() -> new Client(second.url(), Backbone.KEY).post(Client.chat(true)));
      Thread.sleep(300);
      goOn.countDown();

      HttpResponse<String> one = original.get(30, TimeUnit.SECONDS);
      HttpResponse<String> other = repeat.get(30, TimeUnit.SECONDS);
      assertThat(one.body()).contains("[DONE]");
      assertThat(other.body()).isEqualTo(one.body());
      assertThat(idOf(other)).isEqualTo(idOf(one)).isEqualTo(owner);
    }
  }

  @Test
  void saysWhatIsNotThere() throws Exception {
    try (Backbone backbone = start("one")) {
      follow(backbone, new CountDownLatch(0));
      String id = idOf(backbone.client().post(Client.chat(true)));
      Client client = backbone.client();
      RandomGenerator random = RandomGenerator.getDefault();
      RequestId unknown = RequestId.of(Instant.now().minusSeconds(60), 3, random);
      RequestId elsewhere = RequestId.of(Instant.now().minusSeconds(60), 999, random);
      RequestId expired = RequestId.of(Instant.now().minus(Duration.ofDays(2)), 3, random);

      assertThat(client.get("/v1/streams/nonsense").statusCode()).isEqualTo(404);
      assertThat(client.get("/v1/streams/" + unknown).statusCode()).isEqualTo(404);
      assertThat(client.get("/v1/streams/" + elsewhere).statusCode()).isEqualTo(404);
      assertThat(client.get("/v1/streams/" + expired).statusCode()).isEqualTo(410);
      assertThat(resume(client, id, "nonsense").statusCode()).isEqualTo(400);
      assertThat(backbone.client("").get("/v1/streams/" + id).statusCode()).isEqualTo(401);
      HttpResponse<String> foreign =
          backbone.client(Backbone.OTHER_TENANTS_KEY).get("/v1/streams/" + id);
      assertThat(foreign.statusCode()).isEqualTo(404);
      assertThat(foreign.body()).contains("There is no request");
    }
  }

  @Test
  void doesNotShowAStreamWhoseBeginningIsGone() throws Exception {
    try (Backbone backbone = start("one")) {
      BlockingQueue<String> ids = new LinkedBlockingQueue<>();
      backbone
          .router()
          .follow((request, answer) -> {
            ids.add(request.getRequestId());
            answer.records().admitted(true, false).opened(1, "m-1").text("Hello");
            answer.forget();
            answer.records().stop().completed(1, 2);
            answer.send();
          });
      try (Socket _ = backbone.client().slow(Client.chat(true), 4096)) {
        String id = ids.poll(10, TimeUnit.SECONDS);
        HttpResponse<String> response = backbone.client().get("/v1/streams/" + id);
        assertThat(response.statusCode()).isEqualTo(410);
      }
    }
  }

  /** The log is given half a minute to be read, however little time the request has. */
  @Test
  void endsAResumedStreamWhenTheTimeIsOverThatTheLogSays() throws Exception {
    try (Backbone first = start("one");
        IngressApp second = first.startAnother("two")) {
      first
          .router()
          .follow((request, answer) -> {
            answer.records().admittedFor(Duration.ofSeconds(1)).opened(1, "m-1").text("Hel");
            answer.send();
          });
      HttpResponse<InputStream> begun = first.client().stream(Client.chat(true));
      String id = begun.headers().firstValue("X-Request-Id").orElseThrow();
      String event =
          new BufferedReader(new InputStreamReader(begun.body(), UTF_8)).readLine().substring(4);

      HttpResponse<String> rest = resume(new Client(second.url(), Backbone.KEY), id, event);

      assertThat(rest.body())
          .contains("The request was not answered before its deadline")
          .doesNotContain("no router took it up");
      begun.body().close();
    }
  }

  private static void follow(Backbone backbone, CountDownLatch goOn) {
    backbone.router().follow((request, answer) -> answer(answer, goOn));
  }

  private static void answer(FakeRouter.Answer answer, CountDownLatch goOn) throws Exception {
    answer.records().admitted(true, false).opened(1, "m-1").text("Hel", "lo");
    answer.send();
    assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
    answer
        .records()
        .text(", ")
        .deltas(
            new Delta(0, new TextDelta("wor\u2028ld"), null, null),
            new Delta(1, new TextDelta("other"), null, null));
    // A second run takes over.
    answer.records().opened(2, "m-2").text("!", "?").stop().completed(1, 2);
    answer.send();
  }

  private static HttpResponse<String> resume(Client client, String id, String lastEvent)
      throws Exception {
    return client.send(
        "/v1/streams/" + id, request -> request.header("Last-Event-ID", lastEvent).GET());
  }

  private static String idOf(HttpResponse<String> response) {
    return response.headers().firstValue("X-Request-Id").orElseThrow();
  }

  private static List<String> events(String body) {
    List<String> events = new ArrayList<>();
    int start = 0;
    for (int end = body.indexOf("\n\n"); end >= 0; end = body.indexOf("\n\n", start)) {
      events.add(body.substring(start, end + 2));
      start = end + 2;
    }
    assertThat(start).isEqualTo(body.length());
    return events;
  }

  private static String idOf(String event) {
    return event.substring("id: ".length(), event.indexOf('\n'));
  }

  private Backbone start(String instance) throws Exception {
    // Instances one and two read different partitions.
    return Backbone.start(
        broker.bootstrapServers(), registry.url(), "TOKENBUS_INSTANCE_ID", instance);
  }
}
