package dev.tokenbus.router.lifecycle;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The transition that follows from a state and an event.
 *
 * @param next the state to keep; null to forget the request
 * @param effects in the order in which they take place
 */
public record Step(@Nullable RequestState next, List<Effect> effects) {
  public Step {
    effects = List.copyOf(effects);
  }

  static Step stay(RequestState state, Effect... effects) {
    return new Step(state, List.of(effects));
  }

  /** This transition and then another, as one. */
  public Step then(Step further) {
    return new Step(
        further.next(), Stream.concat(effects.stream(), further.effects().stream()).toList());
  }
}
