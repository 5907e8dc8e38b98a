package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinalReplyFoldTest {
  private static final RequestId ID = Samples.id(1, Samples.START);

  private final FinalReplyFold fold = new FinalReplyFold();

  @Test
  void anAnswerThatWasCompleteBeforeTheRouterGaveUpIsTheLastWord() {
    write(1, 7, 0, 10, opened());
    write(1, 7, 1, 20, finish());
    write(1, 7, 2, 40, completed());
    write(2, 0, 0, 50, failed());

    assertThat(fold.word())
        .isEqualTo(
            new FinalReply.Answer(
                1, "east", "big", Samples.usage(1, 2), "req", "stop", 30, at(40)));
  }

  @Test
  void theRoutersWordFencesOffAnAnswerThatIsCompleteAfterIt() {
    write(1, 7, 0, 10, opened());
    assertThat(fold.word()).isNull();
    write(2, 0, 0, 50, failed());
    write(1, 7, 1, 60, completed());

    assertThat(fold.word()).isEqualTo(new FinalReply.NoAnswer());
  }

  @Test
  void theEndOfARunThatDoesNotOwnItsAttemptIsNoWord() {
    write(1, 7, 0, 10, opened());
    write(1, 8, 0, 11, opened());
    write(1, 8, 1, 12, completed());

    assertThat(fold.word()).isNull();
  }

  private void write(int attempt, long claim, int sequence, int millis, Object event) {
    fold.accept(
        Reply.newBuilder()
            .setRequestId(ID.toString())
            .setAttempt(attempt)
            .setClaim(claim)
            .setSequence(sequence)
            .setAt(at(millis))
            .setEvent(event)
            .build());
  }

  private static Instant at(int millis) {
    return Samples.START.plusMillis(millis);
  }

  private static Opened opened() {
    return Opened.newBuilder()
        .setProvider("east")
        .setModel("big")
        .setWorkerId("w")
        .setWorkerEpoch(1)
        .build();
  }

  private static Deltas finish() {
    Finish finish = Finish.newBuilder().setReason(FinishReason.STOP).setRaw("stop").build();
    return new Deltas(List.of(Delta.newBuilder().setContent(finish).build()));
  }

  private static Completed completed() {
    return Completed.newBuilder().setUsage(Samples.usage(1, 2)).setProviderRequestId("req").build();
  }

  private static Failed failed() {
    return Failed.newBuilder().setCode("deadline_exceeded").setMessage("Late").build();
  }
}
