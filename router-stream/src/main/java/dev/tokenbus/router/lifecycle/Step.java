package dev.tokenbus.router.lifecycle;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a state and an event.
 *
 * @param next the state to keep; null to forget the request
 * @param effects in the order in which they are to be brought about
 */
public record Step(@Nullable RequestState next, List<Effect> effects) {
  public Step {
    effects = List.copyOf(effects);
  }

  static Step stay(RequestState state, Effect... effects) {
    return new Step(state, List.of(effects));
  }

  /** Both in a row, as one. */
  public Step then(Step further) {
    return new Step(
        further.next(), Stream.concat(effects.stream(), further.effects().stream()).toList());
  }

  /** Where the body stands that a dispatch among the effects needs; null where there is none. */
  public @Nullable LogPosition bodyNeeded() {
    for (Effect effect : effects) {
      if (effect instanceof Effect.Dispatch dispatch) {
        return dispatch.request().position();
      }
    }
    return null;
  }

  /** The same without repeating a dispatch: if it did get lost, supervision finds that out. */
  public Step withoutDispatch() {
    return new Step(
        next, effects.stream().filter(effect -> !(effect instanceof Effect.Dispatch)).toList());
  }
}
