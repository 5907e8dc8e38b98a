package dev.tokenbus.workers.reply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.Transcript;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyWriterTest {
  private final RequestId request = Samples.newRequest();
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
  private final ReplyFlusher flusher = ReplyFlusher.start(Duration.ofMillis(20));
  private final List<Exception> failures = new CopyOnWriteArrayList<>();
  private final ReplyWriter writer =
      new ReplyWriter(
          new RecordProducer(producer, ReplyWriterTest::bytes),
          flusher,
          InstantSource.system(),
          request,
          1,
          42,
          failures::add);

  @AfterEach
  void stop() {
    flusher.close();
  }

  @Test
  void sendsTheFirstOutputAtOnceAndGathersTheRest() {
    CompletableFuture<Long> _ = open();
    writer.append(List.of(text("a")));
    assertThat(sent()).hasSize(2);

    writer.append(List.of(text("b")));
    writer.append(List.of(text("c"), text("d")));
    assertThat(sent()).hasSize(2);

    Awaitility.await().until(() -> sent().size() == 3);
    assertThat(sent().get(2).getEvent())
        .isEqualTo(new Deltas(List.of(text("b"), text("c"), text("d"))));
  }

  @Test
  void numbersItsRecordsWithoutGapsAndSendsThemToThePartitionOfTheRequest() {
    CompletableFuture<Long> _ = open();
    writer.append(List.of(text("a")));
    writer.append(List.of(text("b")));
    CompletableFuture<Void> _ = writer.close(completed());

    assertThat(sent()).extracting(Reply::getSequence).containsExactly(0, 1, 2, 3);
    assertThat(sent())
        .allSatisfy(reply -> {
          assertThat(reply.getRequestId()).isEqualTo(request.toString());
          assertThat(reply.getAttempt()).isEqualTo(1);
          assertThat(reply.getClaim()).isEqualTo(42);
        });
    assertThat(producer.history())
        .allSatisfy(record -> assertThat(record.partition()).isEqualTo(request.replyPartition()));
    assertThat(Transcript.of(sent()).ended()).isTrue();
  }

  @Test
  void isSettledWhenEverythingIsAcknowledged() {
    CompletableFuture<Long> _ = open();
    writer.append(List.of(text("a")));
    CompletableFuture<Void> settled = writer.close(completed());
    producer.completeNext();
    producer.completeNext();
    assertThat(settled).isNotDone();

    producer.completeNext();

    assertThat(settled).isCompleted();
  }

  @Test
  void sendsNothingMoreAfterAFailure() {
    CompletableFuture<Long> _ = open();
    writer.append(List.of(text("a")));
    producer.completeNext();
    producer.errorNext(new KafkaException("away"));

    writer.append(List.of(text("b")));
    CompletableFuture<Void> settled = writer.close(completed());

    assertThat(sent()).hasSize(2);
    assertThat(failures).hasSize(1);
    assertThat(settled).isCompletedExceptionally();
  }

  @Test
  void opensAFreshAnswerTogetherWithItsFirstOutput() {
    CompletableFuture<Long> offset = open();
    assertThat(sent()).isEmpty();

    writer.append(List.of(text("a")));

    assertThat(sent()).hasSize(2);
    producer.completeNext();
    assertThat(offset).isCompletedWithValue(0L);
  }

  @Test
  void putsAFenceUpAtOnceAndGivesItsOffset() {
    CompletableFuture<Long> offset = open(Continuation.REPEAT);
    assertThat(offset).isNotDone();

    producer.completeNext();

    assertThat(offset).isCompletedWithValue(0L);
    assertThat(open()).isCompletedExceptionally();
  }

  @Test
  void ignoresOutputAfterItsEnd() {
    CompletableFuture<Long> _ = open();
    CompletableFuture<Void> _ = writer.close(completed());

    writer.append(List.of(text("late")));
    writer.flush();

    assertThat(sent()).hasSize(2);
  }

  @Test
  void holdsBackAProviderThatIsFasterThanTheLog() {
    CompletableFuture<Long> _ = open();
    AtomicInteger appended = new AtomicInteger();
    Thread provider =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 1; i <= 100; i++) {
                writer.append(List.of(text("x".repeat(50_000))));
                appended.set(i);
              }
            });

    Awaitility.await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(5))
        .until(() -> appended.get() < 60);
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> {
          producer.completeNext();
          return appended.get() == 100;
        });
    assertThat(provider.isAlive()).isFalse();
  }

  @Test
  void cutsOutputThatNoRecordCouldHold() {
    CompletableFuture<Long> _ = open();
    String large = "🙂".repeat(3_000_000);

    writer.append(List.of(text(large)));

    assertThat(sent().size()).isGreaterThan(3);
    assertThat(Transcript.of(sent()).text()).isEqualTo(large);
    assertThat(producer.history())
        .allSatisfy(record -> assertThat(record.value().length).isLessThan(12_000_000));
  }

  private CompletableFuture<Long> open() {
    return open(Continuation.FRESH);
  }

  private CompletableFuture<Long> open(Continuation continuation) {
    return writer.open(
        new Opened("p", "m", continuation, null, null, "w", 1L, null, "openai", null, null, null));
  }

  private List<Reply> sent() {
    return producer.history().stream().map(record -> reply(record.value())).toList();
  }

  private static Completed completed() {
    return new Completed(TokenUsage.newBuilder().build(), null, null);
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }

  private static byte[] bytes(@Nullable String topic, SpecificRecord record) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    try {
      var encoder = EncoderFactory.get().binaryEncoder(out, null);
      new SpecificDatumWriter<SpecificRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static Reply reply(byte[] bytes) {
    try {
      return new SpecificDatumReader<>(Reply.class)
          .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
