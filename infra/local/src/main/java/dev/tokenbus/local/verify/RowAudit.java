package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topics;

/**
 * Compares rows with the records that they were made from. A record that has no row is a difference
 * only if the projection says that it has passed it; otherwise it is behind. Not thread-safe.
 */
final class RowAudit {
  /** Takes what was found. */
  @FunctionalInterface
  interface Report {
    void difference(DifferenceKind kind, RequestId id, String detail);
  }

  private final Horizons horizons;
  private final Report report;
  private final Tally tally = new Tally();
  private long behind;

  RowAudit(Horizons horizons, Report report) {
    this.horizons = horizons;
    this.report = report;
  }

  void count(Account account) {
    if (account.requestRows > 0) {
      tally.accepted();
      if (account.requestRow.isEmpty()) {
        tally.inFlight();
      }
    }
    if (account.usageRow != null) {
      tally.ended(account.usageRow.status(), account.usageRows);
    }
  }

  void examine(RequestId id, Account account) {
    examineUsageRow(id, account);
    examineRequestRow(id, account);
  }

  Counts counts() {
    return tally.counts();
  }

  long behind() {
    return behind;
  }

  private void examineUsageRow(RequestId id, Account account) {
    if (account.usageRows > 1) {
      report.difference(DifferenceKind.ROW_TWICE, id, account.usageRows + " rows of usage_events");
    }
    if (account.usageRow == null) {
      if (account.usageProjected) {
        report.difference(DifferenceKind.ROW_LOST, id, "usage_events");
      } else if (account.usages > 0) {
        behind++;
      }
    } else if (account.usage == null) {
      if (!horizons.expired(Topics.USAGE, id)) {
        report.difference(DifferenceKind.ROW_INVENTED, id, "usage_events: " + account.usageRow);
      }
    } else if (!account.usageRow.equals(account.usage)) {
      report.difference(
          DifferenceKind.WRONG_ROW,
          id,
          "usage_events: %s; usage: %s".formatted(account.usageRow, account.usage));
    }
  }

  private void examineRequestRow(RequestId id, Account account) {
    if (account.requestRows > 1) {
      report.difference(DifferenceKind.ROW_TWICE, id, account.requestRows + " rows of requests");
    }
    if (account.requestRows == 0) {
      if (account.acceptanceProjected || account.outcomeProjected) {
        report.difference(DifferenceKind.ROW_LOST, id, "requests");
      } else if (account.acceptances > 0) {
        behind++;
      }
      return;
    }
    RequestStatus row = account.requestRow.orElse(null);
    RequestStatus end = account.outcome == null ? null : account.outcome.status();
    if (row == end) {
      return;
    }
    if (row == null && !account.outcomeProjected) {
      behind++;
    } else if (end != null || !horizons.expired(Topics.OUTCOMES, id)) {
      report.difference(
          DifferenceKind.WRONG_ROW,
          id,
          "requests: %s; outcomes: %s"
              .formatted(row == null ? "in flight" : row, end == null ? "none" : end));
    }
  }
}
