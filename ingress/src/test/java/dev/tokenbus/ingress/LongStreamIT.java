package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.runtime.replies.ReplyHistory;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client comes back to a stream of an hour among many others. */
@ExtendWith(SharedServers.class)
@Timeout(180)
class LongStreamIT {
  private static final int PARTITION = 9;
  private static final int SECONDS = 3_600;
  private static final int OTHERS_PER_SECOND = 40;

  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  LongStreamIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void readsFromTheLastCheckpointAndWritesTheSameBytes() throws Exception {
    try (Backbone backbone = Backbone.start(broker.bootstrapServers(), registry.url());
        ReplyLog log = ReplyLog.start(backbone.kafka(), backbone.context().schemas())) {
      RequestId id =
          RequestId.of(
              Instant.now().minusSeconds(SECONDS), PARTITION, RandomGenerator.getDefault());
      write(backbone, id);
      List<String> events = events(backbone.client().get("/v1/streams/" + id).body());
      assertThat(events).hasSizeGreaterThan(SECONDS);

      for (int seen : new int[] {1, 5, 1_000, 2_503, events.size() - 3, events.size()}) {
        HttpResponse<String> rest =
            backbone
                .client()
                .send(
                    "/v1/streams/" + id,
                    request -> request.GET().header("Last-Event-ID", eventId(events, seen)));

        assertThat(rest.body().replace(": keep-alive\n", ""))
            .isEqualTo(String.join("", events.subList(seen, events.size())));
      }
      ReplyHistory history =
          log.before(id, EventPosition.parse(eventId(events, 3_400)).orElseThrow().offset())
              .get(30, TimeUnit.SECONDS)
              .orElseThrow();
      assertThat(history.checkpoint()).isPresent();
      assertThat(history.records()).hasSizeLessThanOrEqualTo(6);
    }
  }

  /** One text a second, a checkpoint every five, and other streams between. */
  private static void write(Backbone backbone, RequestId id) throws Exception {
    RequestId other = RequestId.of(id.acceptedAt(), PARTITION, RandomGenerator.getDefault());
    ReplyRecords records = new ReplyRecords(id).at(id.acceptedAt()).admitted(true, true);
    ReplyRecords noise = new ReplyRecords(other).opened(1, "m");
    List<Future<?>> sent = new ArrayList<>();
    try (KafkaProducer<String, Reply> producer =
        new KafkaProducer<>(
            backbone.kafka().producer("test", Duration.ofMillis(20), Duration.ofSeconds(30)),
            new StringSerializer(),
            backbone.context().schemas().serializer())) {
      records.opened(1, "m");
      int written = 0;
      for (int second = 0; second < SECONDS; second++) {
        Instant at = id.acceptedAt().plusSeconds(second);
        records.at(at).text("piece " + second + " ");
        if (second % 5 == 4) {
          records.checkpoint(0);
        }
        if (second == SECONDS - 1) {
          records.stop().completed(1, SECONDS);
        }
        List<Reply> all = records.records().subList(written, records.records().size());
        written += all.size();
        for (Reply reply : all) {
          sent.add(producer.send(record(id, at, reply)));
        }
        for (int i = 0; i < OTHERS_PER_SECOND; i++) {
          sent.add(producer.send(record(other, at, noise.records().getFirst())));
        }
      }
      producer.flush();
    }
    for (Future<?> record : sent) {
      record.get();
    }
  }

  private static ProducerRecord<String, Reply> record(RequestId id, Instant at, Reply reply) {
    return new ProducerRecord<>(
        Topics.REPLIES.name(), PARTITION, at.toEpochMilli(), id.toString(), reply);
  }

  private static List<String> events(String body) {
    return Pattern.compile("(?<=\n\n)").splitAsStream(body).toList();
  }

  private static String eventId(List<String> events, int seen) {
    String event = events.get(seen - 1);
    return event.substring("id: ".length(), event.indexOf('\n'));
  }
}
