package dev.tokenbus.chaos.answer;

import dev.tokenbus.chaos.client.TextDifference;
import java.util.List;
import java.util.Optional;

/**
 * The provider calls of one request, in the order in which the provider received them. A text that
 * the client got right is the whole answer of one call, behind what calls before it had delivered:
 * nothing is missing where one took over from another, and nothing is there twice.
 */
record CallChain(List<MockCall> calls) {
  CallChain {
    calls = List.copyOf(calls);
  }

  /** How the text came about; empty if the calls do not explain it. */
  Optional<DeliveredAnswer> explain(String text) {
    if (!calls.stream().allMatch(call -> text.startsWith(call.begun()))) {
      return Optional.empty();
    }
    for (int i = calls.size() - 1; i >= 0; i--) {
      MockCall call = calls.get(i);
      if (text.equals(call.whole()) && delivered(call.begun(), i)) {
        return Optional.of(new DeliveredAnswer(call.begun(), call.said(), calls.size()));
      }
    }
    return Optional.empty();
  }

  /** What is wrong with a text that the calls do not explain. */
  String problem(String text) {
    for (MockCall call : calls) {
      if (!text.startsWith(call.begun())) {
        return "the provider was told another beginning than the client has: "
            + TextDifference.of(call.begun(), text);
      }
    }
    return calls.isEmpty()
        ? "no provider call is known for it"
        : "of %d provider calls, none ends it: ".formatted(calls.size())
            + TextDifference.of(calls.getLast().whole(), text);
  }

  /** Whether calls before this one have delivered the text, each a beginning of its answer. */
  private boolean delivered(String text, int before) {
    if (text.isEmpty()) {
      return true;
    }
    for (int i = before - 1; i >= 0; i--) {
      if (calls.get(i).mayHaveDelivered(text) && delivered(calls.get(i).begun(), i)) {
        return true;
      }
    }
    return false;
  }
}
