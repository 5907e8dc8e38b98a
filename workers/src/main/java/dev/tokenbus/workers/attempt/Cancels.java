package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All cancels of one request. A later one adds to those before and takes none of them back: a
 * cancel of attempt 1 that excepts a run does not free what an earlier one has ended.
 *
 * @param all without those that another one includes
 */
record Cancels(List<Cancel> all) {
  static final Cancels NONE = new Cancels(List.of());

  Cancels {
    all = List.copyOf(all);
  }

  Cancels with(Cancel added) {
    if (all.stream().anyMatch(cancel -> includes(cancel, added))) {
      return this;
    }
    List<Cancel> merged = new ArrayList<>(all);
    merged.removeIf(cancel -> includes(added, cancel));
    merged.add(added);
    return new Cancels(merged);
  }

  /** Why the run must not go on; empty where no cancel concerns it. */
  Optional<CancelReason> reason(int attempt, long claim) {
    return all.stream()
        .filter(cancel -> concerns(cancel, attempt, claim))
        .map(Cancel::getReason)
        .findFirst();
  }

  private static boolean concerns(Cancel cancel, int attempt, long claim) {
    Long except = cancel.getExcept();
    return attempt <= cancel.getUpToAttempt() && (except == null || except != claim);
  }

  private static boolean includes(Cancel wide, Cancel narrow) {
    return wide.getUpToAttempt() >= narrow.getUpToAttempt()
        && (wide.getExcept() == null || Objects.equals(wide.getExcept(), narrow.getExcept()));
  }
}
