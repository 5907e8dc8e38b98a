package dev.tokenbus.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One measured number.
 *
 * @param name stable over versions, such as {@code first_token.added.p50}, so that runs compare
 * @param atMost the bar it must not exceed
 * @param atLeast the bar it must reach
 */
record Figure(
    String name, String unit, double value, OptionalDouble atMost, OptionalDouble atLeast) {

  static Figure of(String name, String unit, double value) {
    return new Figure(name, unit, value, OptionalDouble.empty(), OptionalDouble.empty());
  }

  Figure atMost(double bar) {
    return new Figure(name, unit, value, OptionalDouble.of(bar), atLeast);
  }

  Figure atLeast(double bar) {
    return new Figure(name, unit, value, atMost, OptionalDouble.of(bar));
  }

  /** Whether it clears its bars; empty when it has none. */
  Optional<Boolean> passes() {
    if (atMost.isEmpty() && atLeast.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        value <= atMost.orElse(Double.POSITIVE_INFINITY)
            && value >= atLeast.orElse(Double.NEGATIVE_INFINITY));
  }
}
