package dev.tokenbus.ingress.replies.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class LiveReplyQueueTest {
  private static final Reply REPLY =
      new ReplyRecords(RequestId.parse("0199c82c-0b80-7003-8000-000000000001"))
          .text("x")
          .records()
          .getFirst();

  private final LiveReplyQueue queue = LiveReplyQueue.live("id", new FeedLimits(3, 1_000));

  @Test
  void handsOverAllOfAPollAtOnce() throws Exception {
    assertThat(stage(1)).isTrue();
    assertThat(stage(2)).isFalse();
    assertThat(queue.await(past())).isEmpty();

    queue.publish();

    assertThat(offsets(queue.await(future()))).containsExactly(1L, 2L);
  }

  @Test
  void remembersWhereItOverflowedAndKeepsWhatCameBefore() throws Exception {
    for (int offset = 1; offset <= 5; offset++) {
      stage(offset);
    }
    queue.publish();

    assertThat(offsets(queue.await(future()))).containsExactly(1L, 2L, 3L);
    assertThat(queue.await(future())).isEmpty();
    assertThat(queue.overflowed()).isTrue();
    assertThat(queue.lostFrom()).isEqualTo(4);
  }

  @Test
  void takesNothingAfterALossUntilItIsReopened() throws Exception {
    for (int offset = 1; offset <= 4; offset++) {
      stage(offset);
    }
    queue.publish();
    queue.await(future());
    stage(5);
    queue.publish();
    assertThat(queue.await(future())).isEmpty();

    queue.reopen();
    stage(6);
    queue.publish();

    assertThat(offsets(queue.await(future()))).containsExactly(6L);
  }

  @Test
  void takesOneRecordOfAnySize() throws Exception {
    queue.stage(new LoggedReply.Known(1, 5_000, REPLY));
    queue.stage(new LoggedReply.Known(2, 1, REPLY));
    queue.publish();

    assertThat(offsets(queue.await(future()))).containsExactly(1L);
    assertThat(queue.lostFrom()).isEqualTo(2);
  }

  @Test
  void failsBehindWhatHasCome() throws Exception {
    stage(1);
    queue.publish();
    queue.fail(new IllegalStateException("over"));

    assertThat(queue.await(future())).hasSize(1);
    assertThatIllegalStateException().isThrownBy(() -> queue.await(future())).withMessage("over");
  }

  @Test
  void cannotBeRefusedOnceItIsAnswered() throws Exception {
    stage(1);
    queue.publish();
    queue.await(future());
    queue.refuse(new IllegalStateException("not written"));

    assertThat(queue.await(past())).isEmpty();
  }

  @Test
  void wakesAtItsTimeWithTheTicks() throws Exception {
    Thread ticks =
        Thread.ofVirtual()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                queue.tick(System.nanoTime());
                Thread.onSpinWait();
              }
            });
    long until = System.nanoTime() + Duration.ofMillis(100).toNanos();

    assertThat(queue.await(until)).isEmpty();
    assertThat(System.nanoTime() - until).isNotNegative();
    ticks.interrupt();
  }

  private boolean stage(long offset) {
    return queue.stage(new LoggedReply.Known(offset, 10, REPLY));
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
