package dev.tokenbus.workers.reply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CheckpointLogTest {
  private static final Opened OPENED =
      Opened.newBuilder()
          .setProvider("p")
          .setModel("m")
          .setContinuation(Continuation.FRESH)
          .setWorkerId("w")
          .setWorkerEpoch(1)
          .build();
  private final CheckpointLog log = new CheckpointLog(rendering());
  private final Map<Long, Checkpoint> onTheLog = new HashMap<>();
  private final StringBuilder said = new StringBuilder();
  private long offset;

  @Test
  void holdsTheOutputSinceTheOneBefore() {
    say("Once", " upon");
    Checkpoint first = write();
    say(" a time");
    Checkpoint second = write();

    assertThat(first.getOutput()).containsExactly(text("Once upon"));
    assertThat(second.getOutput()).containsExactly(text(" a time"));
    assertThat(second.getPrevious()).containsExactly(0L);
  }

  @Test
  void waitsForTheOneBefore() {
    say("Once");
    Checkpoint first = Objects.requireNonNull(log.next(OPENED, usage()));
    say(" upon");

    assertThat(log.next(OPENED, usage())).isNull();

    onTheLog.put(0L, first);
    log.acknowledged(0);
    offset = 1;
    assertThat(write().getOutput()).containsExactly(text(" upon"));
  }

  @Test
  void foldsToAllThatWasSaidAtAnyTimeAndNamesFewRecords() {
    Random random = new Random(11);
    for (int i = 1; i <= 720; i++) {
      say("token " + i + " ".repeat(random.nextInt(3)));
      Checkpoint checkpoint = write();

      assertThat(folded(checkpoint)).isEqualTo(said.toString());
      assertThat(checkpoint.getPrevious()).hasSizeLessThanOrEqualTo(720 / 32 + 32);
    }
  }

  @Test
  void goesOnFromTheCheckpointsOfItsPredecessor() {
    say("Once");
    Checkpoint first = write();
    CheckpointLog successor = new CheckpointLog(rendering());

    successor.continues(List.of(0L), first.getOutput(), List.of(text(" upon")));
    successor.add(List.of(text(" a time")));
    Checkpoint next = Objects.requireNonNull(successor.next(OPENED, usage()));

    assertThat(next.getPrevious()).containsExactly(0L);
    assertThat(next.getOutput()).containsExactly(text(" upon a time"));
  }

  @Test
  void saysWhereEachChoiceStands() {
    log.add(
        List.of(
            new Delta(0, new ToolCallDelta(0, "a", "f", "{", null), null, null),
            new Delta(0, new ToolCallDelta(0, null, null, "}", null), null, null),
            new Delta(1, new Finish(FinishReason.STOP, "stop"), null, null)));

    Checkpoint checkpoint = Objects.requireNonNull(log.next(OPENED, usage()));

    assertThat(checkpoint.getChoices()).hasSize(2);
    assertThat(checkpoint.getChoices().getFirst().getToolCalls()).isOne();
    assertThat(checkpoint.getChoices().getFirst().getFinished()).isFalse();
    assertThat(checkpoint.getChoices().getLast().getFinished()).isTrue();
    assertThat(checkpoint.getOutput().getFirst().getContent())
        .isEqualTo(new ToolCallDelta(0, "a", "f", "{}", null));
  }

  private void say(String... pieces) {
    List<Delta> deltas = new ArrayList<>();
    for (String piece : pieces) {
      said.append(piece);
      deltas.add(text(piece));
    }
    log.add(deltas);
  }

  private Checkpoint write() {
    Checkpoint checkpoint = Objects.requireNonNull(log.next(OPENED, usage()));
    onTheLog.put(offset, checkpoint);
    log.acknowledged(offset++);
    return checkpoint;
  }

  private String folded(Checkpoint checkpoint) {
    StringBuilder text = new StringBuilder();
    for (long previous : checkpoint.getPrevious()) {
      text.append(text(Objects.requireNonNull(onTheLog.get(previous))));
    }
    return text.append(text(checkpoint)).toString();
  }

  private static String text(Checkpoint checkpoint) {
    StringBuilder text = new StringBuilder();
    for (Delta delta : checkpoint.getOutput()) {
      text.append(((TextDelta) delta.getContent()).getText());
    }
    return text.toString();
  }

  private static Delta text(String text) {
    return new Delta(0, new TextDelta(text), null, null);
  }

  private static TokenUsage usage() {
    return TokenUsage.newBuilder().build();
  }

  private static Rendering rendering() {
    return new Rendering(
        "acme",
        "key",
        Protocol.OPENAI_CHAT,
        "m",
        Instant.EPOCH,
        true,
        false,
        null,
        null,
        BodyKind.CHAT,
        Map.of());
  }
}
