package dev.tokenbus.runtime.replies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class CheckpointWindowTest {
  private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");
  private static final long OWNER = 7;
  private static final long PREDECESSOR = 8;
  private static final Opened OPENED =
      Opened.newBuilder().setProvider("p").setModel("m").setWorkerId("w").setWorkerEpoch(1).build();
  private static final Deltas OUTPUT = new Deltas(List.of());
  private static final Checkpoint CHECKPOINT =
      Checkpoint.newBuilder()
          .setRendering(
              Rendering.newBuilder()
                  .setTenant("acme")
                  .setKeyId("main")
                  .setProtocol(Protocol.OPENAI_CHAT)
                  .setModelAsked("m")
                  .setAcceptedAt(NOW)
                  .setStream(true)
                  .setIncludeUsage(false)
                  .build())
          .setOpened(OPENED)
          .setChoices(List.of())
          .setOutput(List.of())
          .setUsageSoFar(TokenUsage.newBuilder().build())
          .build();

  private final CheckpointWindow window = CheckpointWindow.behindAll(new StreamOwner(OWNER));
  private long offset;

  @Test
  void beginsWithTheOwnersCheckpointWhateverItsAttempt() {
    take(window, 3, OWNER, 4, CHECKPOINT);
    take(window, 3, OWNER, 5, OUTPUT);

    assertThat(offsets(window.history())).containsExactly(1L);
    assertThat(checkpoint(window)).contains(0L);
  }

  @Test
  void passesOverWhatALaterAttemptHadFencedOff() {
    take(window, 1, OWNER, 4, CHECKPOINT);
    take(window, 2, PREDECESSOR, 0, OPENED);
    take(window, 1, OWNER, 5, CHECKPOINT);

    assertThat(checkpoint(window)).contains(0L);
  }

  @Test
  void beginsWithAPredecessorsCheckpointBeforeTheOwnersFence() {
    take(window, 1, PREDECESSOR, 4, CHECKPOINT);
    take(window, 2, OWNER, 0, OPENED);

    assertThat(checkpoint(window)).contains(0L);
    assertThat(offsets(window.history())).containsExactly(1L);
  }

  @Test
  void knowsTheOwnersFenceFromTheWindowBehind() {
    offset = 10;
    take(window, 2, OWNER, 0, OPENED);
    CheckpointWindow before = window.before();
    offset = 0;
    take(before, 1, PREDECESSOR, 4, CHECKPOINT);
    take(before, 1, PREDECESSOR, 5, OUTPUT);

    assertThat(checkpoint(before)).contains(0L);
    assertThat(offsets(before.history())).containsExactly(1L, 10L);
  }

  @Test
  void trustsNoPredecessorWhereTheOwnersFenceIsNotSeenBehindIt() {
    take(window, 1, PREDECESSOR, 4, CHECKPOINT);
    take(window, 2, OWNER, 6, OUTPUT);

    assertThat(checkpoint(window)).isEmpty();
    assertThat(offsets(window.history())).containsExactly(0L, 1L);
  }

  @Test
  void keepsNoMoreOfOneRequestThanTheProcessBears() {
    for (int i = 0; i < 6; i++) {
      take(window, 1, OWNER, i, OUTPUT, 10 * 1024 * 1024);
    }
    CheckpointWindow before = window.before();

    assertThatThrownBy(() -> take(before, 1, OWNER, 6, OUTPUT, 10 * 1024 * 1024))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("last checkpoint");
  }

  @Test
  void countsOnlyWhatStandsBehindTheCheckpoint() {
    for (int i = 0; i < 100; i++) {
      take(window, 1, OWNER, i, i % 5 == 4 ? CHECKPOINT : OUTPUT, 10 * 1024 * 1024);
    }

    assertThat(checkpoint(window)).contains(99L);
  }

  private void take(CheckpointWindow into, int attempt, long claim, int sequence, Object event) {
    take(into, attempt, claim, sequence, event, 100);
  }

  private void take(
      CheckpointWindow into, int attempt, long claim, int sequence, Object event, int bytes) {
    ConsumerRecord<String, byte[]> source =
        new ConsumerRecord<>(
            Topics.REPLIES.name(),
            0,
            offset++,
            NOW.toEpochMilli(),
            TimestampType.CREATE_TIME,
            36,
            bytes,
            "request",
            new byte[0],
            new RecordHeaders(),
            Optional.empty());
    Reply reply = new Reply("request", attempt, claim, sequence, NOW, event);
    assertThat(into.take(new TopicRecord.Present<>(source, reply))).isTrue();
  }

  private static Optional<Long> checkpoint(CheckpointWindow window) {
    return window.history().checkpoint().map(LoggedReply::offset);
  }

  private static List<Long> offsets(ReplyHistory history) {
    return history.records().stream().map(LoggedReply::offset).toList();
  }
}
