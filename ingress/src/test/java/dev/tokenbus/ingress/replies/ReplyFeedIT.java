package dev.tokenbus.ingress.replies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.ingress.replies.live.FeedLimits;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
@Timeout(120)
class ReplyFeedIT {
  private static final int PARTITION = 14;
  private static final FeedLimits LIMITS = new FeedLimits(8, 4_000);

  private final AppContext context;
  private final ReplyBridges bridges;
  private final ReplyLog log;
  private final KafkaProducer<String, Reply> producer;
  private final RequestId id = RequestId.of(Instant.now(), PARTITION, RandomGenerator.getDefault());
  private final ReplyRecords records = new ReplyRecords(id);
  private final List<String> seen = new ArrayList<>();
  private int sent;

  ReplyFeedIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    context =
        AppContext.open(
            Addresses.of(
                Map.of(
                    Addresses.KAFKA,
                    broker.bootstrapServers(),
                    Addresses.REGISTRY,
                    registry.url())),
            Path.of("target"));
    bridges =
        ReplyBridges.start(
            () -> context.kafka().consumer("test-bridge"),
            context.schemas().decoder(Reply.class),
            PARTITION,
            16);
    log = ReplyLog.start(context.kafka(), context.schemas());
    producer =
        new KafkaProducer<>(
            context.kafka().producer("test", Duration.ZERO, Duration.ofSeconds(30)),
            new StringSerializer(),
            context.schemas().serializer());
    await().until(bridges.own()::positioned);
  }

  @AfterEach
  void stop() {
    producer.close();
    log.close();
    bridges.close();
    context.close();
  }

  @Test
  void leavesTheLiveFeedWhenItFallsBehindAndComesBackWhenItHasCaughtUp() throws Exception {
    try (ReplyFeed feed = ReplyFeed.live(id, bridges, log, LIMITS)) {
      records.admitted(true, false).opened(1, "m");
      send(0, 3);
      read(feed, 3);
      assertThat(feed.departures()).isZero();

      // Nobody reads while these come.
      send(3, 500);
      read(feed, 500);
      assertThat(feed.departures()).isPositive();

      for (int i = 500; i < 505; i++) {
        send(i, i + 1);
        read(feed, i + 1);
      }
      records.completed(1, 505);
      send(505, 505);
      while (!feed.ended()) {
        read(feed, 505);
      }
      assertThat(seen).isEqualTo(IntStream.range(0, 505).mapToObj(Integer::toString).toList());
    }
  }

  @Test
  void losesNothingWhileItChangesBackAndForth() throws Exception {
    try (ReplyFeed feed = ReplyFeed.live(id, bridges, log, LIMITS)) {
      int total = 3_000;
      records.admitted(true, false).opened(1, "m");
      Thread writer = Thread.ofPlatform().start(() -> sendWithPauses(total));
      while (!feed.ended()) {
        read(feed, 0);
        Thread.sleep(10);
      }
      writer.join();

      assertThat(feed.departures()).isGreaterThan(3);
      assertThat(seen).isEqualTo(IntStream.range(0, total).mapToObj(Integer::toString).toList());
    }
  }

  private void sendWithPauses(int total) {
    try {
      for (int i = 0; i < total; i++) {
        send(i, i + 1);
        if (i % 100 == 0) {
          Thread.sleep(30);
        }
      }
      records.completed(1, total);
      send(total, total);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(int from, int to) {
    IntStream.range(from, to).forEach(i -> records.text(Integer.toString(i)));
    List<Reply> all = records.records();
    for (Reply reply : all.subList(sent, all.size())) {
      var _ =
          producer.send(
              new ProducerRecord<>(Topics.REPLIES.name(), PARTITION, id.toString(), reply));
    }
    producer.flush();
    sent = all.size();
  }

  /** Reads at least once, and until so many texts have been seen. */
  private void read(ReplyFeed feed, int texts) throws InterruptedException {
    do {
      for (LoggedReply.Known record :
          feed.next(System.nanoTime() + Duration.ofSeconds(10).toNanos())) {
        if (record.reply().getEvent() instanceof Deltas deltas
            && deltas.getDeltas().getFirst().getContent() instanceof TextDelta text) {
          seen.add(text.getText());
        }
      }
    } while (seen.size() < texts);
  }
}
