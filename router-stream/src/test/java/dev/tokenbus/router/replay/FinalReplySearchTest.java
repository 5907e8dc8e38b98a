package dev.tokenbus.router.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageDelta;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class FinalReplySearchTest {
  private static final RequestId ID = Samples.id(1, Samples.START);

  private final FinalReplySearch search = new FinalReplySearch(ID, _ -> {});

  @Test
  void billsWhatWasReadWhereTheLogCannotBeReadToItsEndInTime() {
    TokenUsage usage = Samples.usage(12, 34);
    take(1, 0, opened());
    take(1, 1, deltas(new TextDelta("one two three")));
    take(1, 2, deltas(new UsageDelta(usage)));

    FinalReply reply = Objects.requireNonNull(search.conclusion(new TimeoutException()));

    assertThat(((FinalReply.NoAnswer) reply).delivered())
        .isEqualTo(new FinalReply.Delivered(1, 7, "east", "big", usage, 0));
  }

  @Test
  void concludesNothingWhereTheReaderClosesOrTheEndIsNotThereYet() {
    take(1, 0, opened());

    assertThat(search.conclusion(new IllegalStateException("closed"))).isNull();
    assertThat(search.conclusion(null)).isNull();
  }

  @Test
  void readsNoFurtherThanTheEnd() {
    assertThat(take(1, 0, opened())).isTrue();
    assertThat(take(2, 0, Failed.newBuilder().setCode("cancelled").setMessage("Gone").build()))
        .isFalse();

    assertThat(search.conclusion(null)).isEqualTo(new FinalReply.NoAnswer(null));
  }

  private static Opened opened() {
    return Opened.newBuilder()
        .setProvider("east")
        .setModel("big")
        .setWorkerId("w")
        .setWorkerEpoch(1)
        .build();
  }

  private static Deltas deltas(Object content) {
    return new Deltas(List.of(Delta.newBuilder().setContent(content).build()));
  }

  private boolean take(int attempt, int sequence, Object event) {
    Reply reply =
        Reply.newBuilder()
            .setRequestId(ID.toString())
            .setAttempt(attempt)
            .setClaim(7)
            .setSequence(sequence)
            .setAt(Samples.START)
            .setEvent(event)
            .build();
    return search.take(
        new TopicRecord.Present<>(
            new ConsumerRecord<>("replies", 0, sequence, ID.toString(), new byte[0]), reply));
  }
}
