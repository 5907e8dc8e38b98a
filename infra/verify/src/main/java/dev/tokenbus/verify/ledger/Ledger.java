package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.verify.findings.Findings;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Collects what every record and every row says about a request, and finds what does not agree.
 *
 * <p>Entries of one topic partition must come in its order; otherwise the order does not matter.
 * While records are still being written, every entry's cause must be added too, so a reader looks
 * up the end of a topic of effects before that of the topic of their causes.
 *
 * <p>Not thread-safe.
 */
public final class Ledger {
  private final Map<RequestId, RequestAccount> accounts = new HashMap<>();

  public void add(Entry entry) {
    accounts.computeIfAbsent(entry.id(), _ -> new RequestAccount()).add(entry);
  }

  /**
   * Compares everything and returns what was found.
   *
   * @param horizons what may have expired
   * @param readAt when the reading began
   * @param grace how long an effect may follow its cause
   */
  public Findings close(RetentionHorizons horizons, Instant readAt, GracePeriods grace) {
    RequestAudit audit = new RequestAudit(horizons, readAt, grace);
    accounts.forEach(audit::examine);
    return audit.findings();
  }
}
