package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.ImageDelta;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageDelta;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
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

    assertThat(fold.reply())
        .isEqualTo(
            new FinalReply.Answer(
                1, 7, "east", "big", Samples.usage(1, 2), "req", "stop", 30, at(40)));
  }

  @Test
  void theRoutersWordFencesOffAnAnswerThatIsCompleteAfterIt() {
    write(1, 7, 0, 10, opened());
    assertThat(fold.reply()).isNull();
    write(2, 0, 0, 50, failed());
    write(1, 7, 1, 60, completed());

    assertThat(fold.reply()).isEqualTo(new FinalReply.NoAnswer(null));
  }

  @Test
  void theEndOfARunThatDoesNotOwnItsAttemptIsNoWord() {
    write(1, 7, 0, 10, opened());
    write(1, 8, 0, 11, opened());
    write(1, 8, 1, 12, completed());

    assertThat(fold.reply()).isNull();
  }

  @Test
  void countsTheOutputThatClientsHaveSeenBeforeAFailure() {
    write(1, 7, 0, 10, opened());
    write(1, 7, 1, 20, text("one two three"));
    write(1, 8, 0, 21, opened());
    write(1, 8, 1, 22, text("of a run that does not own its attempt"));
    write(2, 9, 0, 30, opened());
    write(1, 7, 2, 35, text("behind the fence"));
    write(2, 9, 1, 45, text("four"));
    write(3, 0, 0, 50, failed());

    FinalReply.Delivered delivered = delivered();
    assertThat(delivered.attempt()).isEqualTo(2);
    assertThat(delivered.claim()).isEqualTo(9);
    assertThat(delivered.durationMs()).isEqualTo(15);
    assertThat(delivered.usage().getSource()).isEqualTo(UsageSource.ESTIMATE);
    assertThat(delivered.usage().getOutput())
        .isEqualTo(TokenEstimate.of("one two three") + TokenEstimate.of("four"));
  }

  @Test
  void countsFromWhatTheProviderHasCountedItself() {
    write(1, 7, 0, 10, opened());
    write(1, 7, 1, 20, text("one two three"));
    write(
        1,
        7,
        2,
        30,
        new Deltas(
            List.of(Delta.newBuilder().setContent(new UsageDelta(Samples.usage(100, 3))).build())));
    write(1, 7, 3, 40, text("four"));
    write(2, 0, 0, 50, failed());

    FinalReply.Delivered delivered = delivered();
    assertThat(delivered.usage().getInput()).isEqualTo(100);
    assertThat(delivered.usage().getOutput()).isEqualTo(3 + TokenEstimate.of("four"));
  }

  @Test
  void billsTheProviderThatSpokeWhereALaterOneSaidNothing() {
    write(1, 7, 0, 10, opened());
    write(1, 7, 1, 20, text("one two three"));
    write(2, 8, 0, 30, opened());
    write(3, 9, 0, 40, openedBy("west"));
    write(4, 0, 0, 50, failed());

    FinalReply.Delivered delivered = delivered();
    assertThat(delivered.attempt()).isEqualTo(1);
    assertThat(delivered.claim()).isEqualTo(7);
    assertThat(delivered.provider()).isEqualTo("east");
    assertThat(delivered.durationMs()).isEqualTo(10);
  }

  @Test
  void aCheckpointOfASilentAttemptCountsAndDoesNotMakeItTheSpeaker() {
    write(1, 7, 0, 10, opened());
    write(1, 7, 1, 20, text("one two three"));
    write(2, 8, 0, 30, openedBy("west"));
    write(2, 8, 1, 40, checkpoint(openedBy("west"), text("one two three"), Samples.usage(9, 3)));
    write(3, 0, 0, 50, failed());

    FinalReply.Delivered delivered = delivered();
    assertThat(delivered.attempt()).isEqualTo(1);
    assertThat(delivered.provider()).isEqualTo("east");
    assertThat(delivered.usage()).isEqualTo(Samples.usage(9, 3));
  }

  @Test
  void countsPicturesWhereACheckpointHasCountedThem() {
    Delta picture =
        Delta.newBuilder().setContent(ImageDelta.newBuilder().setData("png").build()).build();
    write(1, 7, 0, 10, opened());
    write(1, 7, 1, 20, new Deltas(List.of(picture)));
    write(1, 7, 2, 30, checkpoint(opened(), new Deltas(List.of(picture)), Samples.usage(9, 255)));
    write(2, 0, 0, 50, failed());

    assertThat(delivered().usage().getOutput()).isEqualTo(255);
  }

  @Test
  void concludesNothingWhereAReplyOfANewerVersionStandsInBetween() {
    write(1, 7, 0, 10, opened());
    fold.accept(new ReplyHeader(ID.toString(), 1, 7L, 1, at(20)));
    write(2, 0, 0, 50, failed());

    assertThat(fold.reply()).isNull();
  }

  private FinalReply.Delivered delivered() {
    FinalReply reply = Objects.requireNonNull(fold.reply());
    return Objects.requireNonNull(((FinalReply.NoAnswer) reply).delivered());
  }

  private static Deltas text(String text) {
    return new Deltas(List.of(Delta.newBuilder().setContent(new TextDelta(text)).build()));
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

  private static Checkpoint checkpoint(Opened opened, Deltas output, TokenUsage usage) {
    return Checkpoint.newBuilder()
        .setRendering(
            Request.of(
                    Samples.header(Samples.request(ID, Samples.MODEL, Duration.ofMinutes(1))),
                    Life.POSITION)
                .rendering())
        .setOpened(opened)
        .setChoices(List.of())
        .setOutput(output.getDeltas())
        .setUsageSoFar(usage)
        .build();
  }

  private static Opened opened() {
    return openedBy("east");
  }

  private static Opened openedBy(String provider) {
    return Opened.newBuilder()
        .setProvider(provider)
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
