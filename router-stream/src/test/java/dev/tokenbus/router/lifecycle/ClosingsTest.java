package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Closing;
import dev.tokenbus.router.lifecycle.RequestState.Ended;
import dev.tokenbus.schemas.avro.RequestStatus;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How long the router waits for the log to tell how a request ended. */
class ClosingsTest {
  private static final Duration ASK = Duration.ofSeconds(1);

  @Test
  void doesNotCountTheTimeInWhichTheLogIsRead() {
    Life life = closing();
    life.finalReply = new FinalReply.Pending();
    Instant later = life.now.plus(life.policy.closing().multipliedBy(2));
    while (life.now.isBefore(later)) {
      life.advance(ASK);
    }
    assertThat(life.state).isInstanceOf(Closing.class);

    life.settle(
        new FinalReply.Answer(
            1, 1, "east", "big", Samples.usage(12, 34), null, "stop", 9, life.now));

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.COMPLETED);
  }

  @Test
  void takesItsOwnWordWhereReadingNeverEnds() {
    Life life = closing();
    life.finalReply = new FinalReply.Pending();
    Instant latest = life.now.plus(life.policy.closing().multipliedBy(6)).plus(ASK);

    while (!(life.state instanceof Ended)) {
      life.advance(ASK);
      assertThat(life.now).isBeforeOrEqualTo(latest);
    }

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
  }

  private static Life closing() {
    Life life = Life.streaming(Samples.MODEL);
    life.finalReply = null;
    life.advance(Life.PATIENCE);
    life.advance(life.policy.stopping());
    return life;
  }
}
