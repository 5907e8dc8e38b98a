package dev.tokenbus.router.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.RequestState.Dispatched;
import dev.tokenbus.schemas.avro.ContinuationPolicy;
import dev.tokenbus.schemas.avro.PolicyEntry;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What the catalogue's policies change in the life of a request. */
class RequestPolicyTest {
  @Test
  void treatsARequestByThePolicyOfItsModelAndNotByTheRoutersSettings() {
    Life life =
        under(policy ->
            policy
                .setMaxAttempts(1)
                .setStallTimeoutMs(777L)
                .setContinueStreams(false)
                .setHoldToolCalls(true));

    Effect.Dispatch dispatch = Life.only(life.accept(), Effect.Dispatch.class).getFirst();
    assertThat(dispatch.terms().timeouts().getStallMs()).isEqualTo(777);
    assertThat(dispatch.terms().timeouts().getConnectMs()).isEqualTo(10_000);
    ContinuationPolicy continuation = Objects.requireNonNull(dispatch.terms().continuation());
    assertThat(continuation.getAllowed()).isFalse();
    assertThat(continuation.getHoldToolCalls()).isTrue();
    life.start(1);
    life.fail(1, ErrorCode.PROVIDER_UNAVAILABLE);

    assertThat(life.outcome().getStatus()).isEqualTo(RequestStatus.FAILED);
  }

  @Test
  void endsARequestAtTheDeadlineOfItsPolicyWhereThatIsEarlier() {
    Life life = under(policy -> policy.setDeadlineMs(20_000L));
    life.accept();

    assertThat(life.in(Dispatched.class).request().deadline())
        .isEqualTo(Samples.START.plusSeconds(20));
    life.advance(Duration.ofSeconds(19));
    assertThat(life.state).isInstanceOf(Dispatched.class);
    life.advance(Duration.ofSeconds(1));
    life.advance(life.policy.stopping());

    assertThat(life.outcome().getErrorCode()).isEqualTo("deadline_exceeded");
  }

  @Test
  void keepsTheDeadlineOfTheClientWhereThatIsEarlier() {
    Life life = under(policy -> policy.setDeadlineMs(Life.PATIENCE.toMillis() + 1));

    life.accept();

    assertThat(life.in(Dispatched.class).request().deadline())
        .isEqualTo(life.request.getDeadline());
  }

  @Test
  void keepsTheDeadlineThatWasInForceWhenTheRequestWasAccepted() {
    Life life = under(policy -> policy.setDeadlineMs(20_000L));
    life.accept();

    life.cluster.catalogue = Samples.catalogue();
    life.accept();

    assertThat(life.in(Dispatched.class).request().deadline())
        .isEqualTo(Samples.START.plusSeconds(20));
  }

  @Test
  void tellsTheWorkerTheMostThatPolicyAllowsToBeAnswered() {
    Life capped = under(policy -> policy.setMaxOutputTokens(500L));
    Life free = under(policy -> policy);

    assertThat(Life.only(capped.accept(), Effect.Dispatch.class).getFirst().terms())
        .extracting(Effect.Terms::maxOutputTokens)
        .isEqualTo(500L);
    assertThat(Life.only(free.accept(), Effect.Dispatch.class).getFirst().terms())
        .extracting(Effect.Terms::maxOutputTokens)
        .isNull();
  }

  private static Life under(UnaryOperator<PolicyEntry.Builder> change) {
    Life life = new Life(Samples.MODEL);
    life.cluster.catalogue =
        Samples.catalogue(change.apply(PolicyEntry.newBuilder().setId("default")).build());
    return life;
  }
}
