package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.LoggedHistory;
import dev.tokenbus.workers.recovery.StreamHistory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stream of an hour, of which the last minute stands among as many records of others as 15,000
 * records a second in all partitions leave in one, and the rest among a tenth of them.
 */
class LongStreamIT {
  private static final int SECONDS = 3_600;
  private static final int CHECKPOINT_SECONDS = 5;
  private static final int GROUP = 32;
  private static final int OTHERS_PER_SECOND = 15_000 / Topics.REPLIES.partitions();
  private static final long WRITER = 7;
  private static final long SUCCESSOR = 9;

  private final List<Long> groups = new ArrayList<>();
  private final List<Long> inGroup = new ArrayList<>();
  private final StringBuilder said = new StringBuilder();
  private int checkpoints;
  private int sequence;

  @Test
  void isReadFromItsLastCheckpointWithinThreeSeconds(@TempDir Path directory) throws Exception {
    try (Backbone backbone = new Backbone(directory, Map.of())) {
      Instant begin = Instant.now().minusSeconds(SECONDS);
      RequestId request = RequestId.of(begin, 3, ThreadLocalRandom.current());
      long end = write(backbone.context(), request, begin);
      try (LoggedHistory history =
          LoggedHistory.start(
              backbone.context().kafka(), backbone.context().schemas(), InstantSource.system())) {
        long before = System.nanoTime();

        Delivered delivered =
            history.read(new StreamHistory.Query(request, 0L, end, WRITER)).join();

        Duration took = Duration.ofNanos(System.nanoTime() - before);
        assertThat(text(delivered)).isEqualTo(said.toString());
        assertThat(delivered.integrity()).isEqualTo(Delivered.Integrity.WHOLE);
        assertThat(delivered.checkpoints()).hasSizeBetween(2, SECONDS / CHECKPOINT_SECONDS / 8);
        assertThat(took).isLessThan(Duration.ofSeconds(3));

        // Whose checkpoints nobody vouches for is read from its first record, with the same result.
        Delivered whole = history.read(new StreamHistory.Query(request, 0L, end, null)).join();
        assertThat(text(whole)).isEqualTo(said.toString());
        assertThat(whole.checkpoints()).isEmpty();

        // The worker that took over died before it had written anything but its fence.
        long fence =
            backbone
                .send(
                    Topics.REPLIES.name(),
                    3,
                    request.toString(),
                    new Reply(request.toString(), 2, SUCCESSOR, 0, Instant.now(), opened()))
                .offset();
        before = System.nanoTime();

        Delivered again =
            history.read(new StreamHistory.Query(request, 0L, fence + 1, SUCCESSOR)).join();

        took = Duration.ofNanos(System.nanoTime() - before);
        assertThat(text(again)).isEqualTo(said.toString());
        assertThat(again.owner()).isEqualTo(SUCCESSOR);
        assertThat(again.checkpoints()).isEqualTo(delivered.checkpoints());
        assertThat(took).isLessThan(Duration.ofSeconds(3));
      }
    }
  }

  private long write(AppContext context, RequestId request, Instant begin) throws Exception {
    Map<String, Object> settings =
        context.kafka().producer("hour", Duration.ofMillis(20), Duration.ofSeconds(60));
    try (KafkaProducer<String, byte[]> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        Serializer<SpecificRecord> serializer = context.schemas().serializer()) {
      StringBuilder since = new StringBuilder();
      StringBuilder group = new StringBuilder();
      byte[] other =
          serializer.serialize(
              Topics.REPLIES.name(),
              reply(Samples.newRequest(), begin, new Deltas(List.of(delta("somebody else's")))));
      sequence = 0;
      long _ = offset(send(producer, request, begin, serializer, opened()));
      for (int second = 0; second < SECONDS; second++) {
        Instant now = begin.plusSeconds(second);
        String piece = "word " + second + " ";
        said.append(piece);
        since.append(piece);
        group.append(piece);
        Future<RecordMetadata> _ =
            send(producer, request, now, serializer, new Deltas(List.of(delta(piece))));
        int others = second >= SECONDS - 60 ? OTHERS_PER_SECOND : OTHERS_PER_SECOND / 10;
        for (int i = 0; i < others; i++) {
          Future<RecordMetadata> _ =
              producer.send(
                  new ProducerRecord<>(
                      Topics.REPLIES.name(), 3, now.toEpochMilli(), "other-" + i, other));
        }
        if (second % CHECKPOINT_SECONDS == CHECKPOINT_SECONDS - 1) {
          boolean endsGroup = ++checkpoints % GROUP == 0;
          List<Long> previous = new ArrayList<>(groups);
          if (!endsGroup) {
            previous.addAll(inGroup);
          }
          long offset =
              offset(
                  send(
                      producer,
                      request,
                      now,
                      serializer,
                      checkpoint(request, begin, endsGroup ? group : since, previous)));
          if (endsGroup) {
            groups.add(offset);
            inGroup.clear();
            group.setLength(0);
          } else {
            inGroup.add(offset);
          }
          since.setLength(0);
        }
      }
      String last = "and half a sentence";
      said.append(last);
      return offset(
              send(producer, request, Instant.now(), serializer, new Deltas(List.of(delta(last)))))
          + 1;
    }
  }

  private Future<RecordMetadata> send(
      KafkaProducer<String, byte[]> producer,
      RequestId request,
      Instant at,
      Serializer<SpecificRecord> serializer,
      Object event) {
    byte[] value = serializer.serialize(Topics.REPLIES.name(), reply(request, at, event));
    return producer.send(
        new ProducerRecord<>(
            Topics.REPLIES.name(), 3, at.toEpochMilli(), request.toString(), value));
  }

  private Reply reply(RequestId request, Instant at, Object event) {
    return new Reply(request.toString(), 1, WRITER, sequence++, at, event);
  }

  private static long offset(Future<RecordMetadata> sent)
      throws ExecutionException, InterruptedException, TimeoutException {
    return sent.get(60, TimeUnit.SECONDS).offset();
  }

  private static Opened opened() {
    return Opened.newBuilder()
        .setProvider("p")
        .setModel("m")
        .setContinuation(Continuation.FRESH)
        .setWorkerId("w")
        .setWorkerEpoch(1)
        .build();
  }

  private static Checkpoint checkpoint(
      RequestId request, Instant begin, CharSequence output, List<Long> previous) {
    return Checkpoint.newBuilder()
        .setRendering(
            new Rendering(
                "acme",
                "key",
                Protocol.OPENAI_CHAT,
                "m",
                begin,
                true,
                false,
                request.toString(),
                null,
                BodyKind.CHAT,
                Map.of()))
        .setOpened(opened())
        .setChoices(List.of())
        .setOutput(List.of(delta(output.toString())))
        .setPrevious(previous)
        .setUsageSoFar(TokenUsage.newBuilder().build())
        .build();
  }

  private static Delta delta(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }

  private static String text(Delivered delivered) {
    StringBuilder text = new StringBuilder();
    for (Delta delta : delivered.deltas()) {
      text.append(((TextDelta) delta.getContent()).getText());
    }
    return text.toString();
  }
}
