package dev.tokenbus.chaos.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Two workers were killed: after "The sea", and after the three words that followed it. */
class CallChainTest {
  private static final MockCall FIRST =
      new MockCall("p", "", List.of("The", " sea", " is", " wide"));

  /** Asked afresh, since it might have said the same. */
  private static final MockCall REPEAT =
      new MockCall("p", "", List.of("A", " lake", " lies", " still"));

  private static final MockCall SECOND =
      new MockCall("p", "The sea", List.of(" was", " once", " land", " too"));
  private static final MockCall THIRD =
      new MockCall("p", "The sea was once land", List.of(".", " So", " what?"));
  private static final CallChain CALLS = chain(FIRST, REPEAT, SECOND, REPEAT, THIRD);

  @Test
  void explainsBeginningsAndTheLastAnswerAsAWhole() {
    assertThat(CALLS.explain("The sea was once land. So what?"))
        .contains(new DeliveredAnswer("The sea was once land", THIRD.said(), 5));
    assertThat(chain(FIRST).explain("The sea is wide")).isPresent();
    assertThat(chain(FIRST, REPEAT, SECOND).explain("The sea was once land too")).isPresent();
  }

  @Test
  void explainsARepetitionThatWentOnFromWhereTheFirstCallHadStopped() {
    MockCall same = new MockCall("p", "", List.of("The", " sea", " sleeps"));

    assertThat(chain(FIRST, same).explain("The sea sleeps")).isPresent();
  }

  @Test
  void findsTextThatTheClientWasGivenTwice() {
    assertThat(CALLS.explain("The sea was once land was once land. So what?")).isEmpty();
    assertThat(CALLS.explain("The sea sea was once land. So what?")).isEmpty();
    assertThat(CALLS.explain("The sea was once land. So what? So what?")).isEmpty();
  }

  @Test
  void findsTextThatWasLost() {
    assertThat(CALLS.explain("The sea was once. So what?")).isEmpty();
    assertThat(CALLS.explain("was once land. So what?")).isEmpty();
    assertThat(CALLS.explain("The sea was once land. So")).isEmpty();
    assertThat(CALLS.explain("The sea was once land")).isEmpty();
  }

  @Test
  void findsTextThatWasDoubledOrLostForTheProviderToo() {
    MockCall doubled = new MockCall("p", "The seaThe sea", List.of(" rises"));
    MockCall lost = new MockCall("p", " sea", List.of(" rises"));
    MockCall half = new MockCall("p", "The se", List.of("a rises"));

    assertThat(chain(FIRST, doubled).explain(doubled.whole())).isEmpty();
    assertThat(chain(FIRST, lost).explain(lost.whole())).isEmpty();
    assertThat(chain(FIRST, half).explain(half.whole())).isEmpty();
  }

  @Test
  void findsAProviderThatWasToldMoreThanTheClientHas() {
    MockCall toldMore = new MockCall("p", "The sea is wide", List.of(" and", " deep"));
    CallChain chain = chain(FIRST, toldMore, SECOND);

    assertThat(chain.explain(SECOND.whole())).isEmpty();
    assertThat(chain.problem(SECOND.whole())).startsWith("the provider was told another beginning");
  }

  @Test
  void findsABeginningThatOnlyALaterCallSaid() {
    MockCall early = new MockCall("p", "The sea", List.of(" rises"));

    assertThat(chain(early, FIRST).explain("The sea rises")).isEmpty();
  }

  @Test
  void saysWhereTheTextIsAnother() {
    assertThat(chain(FIRST, SECOND).problem("The sea was twice land too"))
        .isEqualTo(
            "of 2 provider calls, none ends it: 26 characters instead of 25; from character 12 on"
                + " \"twice land too\" instead of \"once land too\"");
    assertThat(chain().problem("anything")).isEqualTo("no provider call is known for it");
  }

  private static CallChain chain(MockCall... calls) {
    return new CallChain(List.of(calls));
  }
}
