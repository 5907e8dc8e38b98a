package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes down what every record and every row says of a request, and finds what does not agree.
 *
 * <p>The entries of one topic partition come in its order; otherwise the order does not matter. But
 * where records are still being written, every entry's cause must be told, too: whoever reads takes
 * the ends of effects before those of causes ({@link Reading}).
 *
 * <p>Not thread-safe.
 */
final class Ledger {
  private final Map<RequestId, Account> accounts = new HashMap<>();

  void add(Entry entry) {
    accounts.computeIfAbsent(entry.id(), _ -> new Account()).add(entry);
  }

  /**
   * What was found.
   *
   * @param horizons what may have expired
   * @param readAt when the reading began
   * @param patience how long an effect may take behind its cause
   */
  Findings close(Horizons horizons, Instant readAt, Patience patience) {
    Audit audit = new Audit(horizons, readAt, patience);
    accounts.forEach(audit::examine);
    return audit.findings();
  }
}
