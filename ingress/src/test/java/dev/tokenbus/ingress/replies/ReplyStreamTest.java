package dev.tokenbus.ingress.replies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ReplyStreamTest {
  private static final Reply REPLY =
      new ReplyRecords(RequestId.parse("0199c82c-0b80-7003-8000-000000000001"))
          .text("x")
          .records()
          .getFirst();

  private final ReplyStream stream = ReplyStream.live("id", new FeedLimits(3, 1_000));

  @Test
  void handsOverAllOfAPollAtOnce() throws Exception {
    assertThat(stage(1)).isTrue();
    assertThat(stage(2)).isFalse();
    assertThat(stream.await(past())).isEmpty();

    stream.publish();

    assertThat(offsets(stream.await(future()))).containsExactly(1L, 2L);
  }

  @Test
  void remembersWhereItOverflowedAndKeepsWhatCameBefore() throws Exception {
    for (int offset = 1; offset <= 5; offset++) {
      stage(offset);
    }
    stream.publish();

    assertThat(offsets(stream.await(future()))).containsExactly(1L, 2L, 3L);
    assertThat(stream.await(future())).isEmpty();
    assertThat(stream.overflowed()).isTrue();
    assertThat(stream.lostFrom()).isEqualTo(4);
  }

  @Test
  void takesNothingAfterALossUntilItIsReopened() throws Exception {
    for (int offset = 1; offset <= 4; offset++) {
      stage(offset);
    }
    stream.publish();
    stream.await(future());
    stage(5);
    stream.publish();
    assertThat(stream.await(future())).isEmpty();

    stream.reopen();
    stage(6);
    stream.publish();

    assertThat(offsets(stream.await(future()))).containsExactly(6L);
  }

  @Test
  void takesOneRecordOfAnySize() throws Exception {
    stream.stage(new LoggedReply(1, REPLY, 5_000));
    stream.stage(new LoggedReply(2, REPLY, 1));
    stream.publish();

    assertThat(offsets(stream.await(future()))).containsExactly(1L);
    assertThat(stream.lostFrom()).isEqualTo(2);
  }

  @Test
  void failsBehindWhatHasCome() throws Exception {
    stage(1);
    stream.publish();
    stream.fail(new IllegalStateException("over"));

    assertThat(stream.await(future())).hasSize(1);
    assertThatIllegalStateException().isThrownBy(() -> stream.await(future())).withMessage("over");
  }

  @Test
  void cannotBeRefusedOnceItIsAnswered() throws Exception {
    stage(1);
    stream.publish();
    stream.await(future());
    stream.refuse(new IllegalStateException("not written"));

    assertThat(stream.await(past())).isEmpty();
  }

  @Test
  void wakesAtItsTimeWithTheTicks() throws Exception {
    Thread ticks =
        Thread.ofVirtual()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                stream.tick(System.nanoTime());
                Thread.onSpinWait();
              }
            });
    long until = System.nanoTime() + Duration.ofMillis(100).toNanos();

    assertThat(stream.await(until)).isEmpty();
    assertThat(System.nanoTime() - until).isNotNegative();
    ticks.interrupt();
  }

  private boolean stage(long offset) {
    return stream.stage(new LoggedReply(offset, REPLY, 10));
  }

  private static List<Long> offsets(List<LoggedReply> records) {
    return records.stream().map(LoggedReply::offset).toList();
  }

  private static long past() {
    return System.nanoTime() - 1;
  }

  private static long future() {
    return System.nanoTime() + Duration.ofSeconds(60).toNanos();
  }
}
