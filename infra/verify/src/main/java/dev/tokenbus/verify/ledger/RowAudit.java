package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.RequestCounts;

/**
 * Compares rows with the records that they were made from. A record without a row is a difference
 * only if the projection has passed the record; otherwise the projection is behind.
 *
 * <p>Not thread-safe.
 */
final class RowAudit {
  /** Receives the differences. */
  @FunctionalInterface
  interface Report {
    void difference(DifferenceKind kind, RequestId id, String detail);
  }

  private final RetentionHorizons horizons;
  private final Report report;
  private final RequestCounter tally = new RequestCounter();
  private long behind;

  RowAudit(RetentionHorizons horizons, Report report) {
    this.horizons = horizons;
    this.report = report;
  }

  void count(RequestAccount account) {
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

  void examine(RequestId id, RequestAccount account) {
    examineUsageRow(id, account);
    examineRequestRow(id, account);
  }

  RequestCounts counts() {
    return tally.counts();
  }

  long behind() {
    return behind;
  }

  private void examineUsageRow(RequestId id, RequestAccount account) {
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

  private void examineRequestRow(RequestId id, RequestAccount account) {
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
