package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.verify.findings.Difference;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.findings.RequestCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Examines every request once: was it accepted, has it ended, is its bill right, do its replies end
 * as it did.
 *
 * <p>Not thread-safe.
 */
final class RequestAudit {
  private final RetentionHorizons horizons;
  private final Instant settledBefore;
  private final Instant overdueBefore;
  private final RowAudit rows;
  private final RequestCounter topics = new RequestCounter();
  private final List<Difference> differences = new ArrayList<>();
  private long repeats;
  private long settling;
  private long expiredRequests;
  private long expiredReplies;

  RequestAudit(RetentionHorizons horizons, Instant readAt, GracePeriods grace) {
    this.horizons = horizons;
    settledBefore = readAt.minus(grace.settling());
    overdueBefore = readAt.minus(grace.overdue());
    rows = new RowAudit(horizons, this::report);
  }

  void examine(RequestId id, RequestAccount account) {
    if (account.isOnlyBodies()) {
      return;
    }
    repeats += Math.max(0, account.acceptances - 1) + Math.max(0, account.outcomes - 1);
    if (account.acceptances == 0 && horizons.expired(Topics.REQUESTS, id)) {
      expiredRequests++;
    } else {
      examineEnd(id, account);
      rows.count(account);
    }
    examineBody(id, account);
    examineBill(id, account);
    examineReplies(id, account);
    rows.examine(id, account);
  }

  private void examineEnd(RequestId id, RequestAccount account) {
    if (account.usage != null) {
      topics.ended(account.usage.status(), account.usages);
    }
    if (account.acceptances == 0) {
      report(DifferenceKind.NEVER_ACCEPTED, id, "there are " + traces(account));
      return;
    }
    topics.accepted();
    if (account.usages > 0) {
      return;
    }
    topics.inFlight();
    if (account.outcome == null
        && account.deadline != null
        && account.deadline.isBefore(overdueBefore)) {
      report(
          DifferenceKind.STUCK,
          id,
          "deadline %s, attempts started %d, replies %s"
              .formatted(account.deadline, account.highestAttempt, account.replyEnd));
    }
  }

  private void examineBody(RequestId id, RequestAccount account) {
    BodyPosition body = account.body;
    if (body != null && !account.bodies.contains(body) && !horizons.expired(Topics.BODIES, id)) {
      report(
          DifferenceKind.BODY_LOST,
          id,
          "bodies-%d@%d holds no body of it".formatted(body.partition(), body.offset()));
    }
  }

  private void examineBill(RequestId id, RequestAccount account) {
    Bill outcome = account.outcome;
    Bill usage = account.usage;
    if (account.usages > 1) {
      report(DifferenceKind.BILLED_TWICE, id, account.usages + " usage records");
    }
    if (account.otherOutcome != null) {
      report(
          DifferenceKind.CONTRADICTING_OUTCOMES,
          id,
          "first: %s; later: %s".formatted(outcome, account.otherOutcome));
    }
    if (usage == null) {
      if (outcome != null && !horizons.expired(Topics.USAGE, id)) {
        settleOrReport(DifferenceKind.NOT_BILLED, id, account, outcome.toString());
      }
      return;
    }
    if (outcome == null) {
      if (!horizons.expired(Topics.OUTCOMES, id)) {
        report(DifferenceKind.BILLED_WITHOUT_END, id, usage.toString());
      }
    } else if (!outcome.equals(usage)) {
      report(DifferenceKind.WRONG_BILL, id, "outcome: %s; usage: %s".formatted(outcome, usage));
    }
    if (usage.attempt() > account.highestAttempt && !horizons.expired(Topics.ATTEMPTS, id)) {
      report(
          DifferenceKind.BILLED_WITHOUT_ATTEMPT,
          id,
          "attempt %d billed, started up to %d".formatted(usage.attempt(), account.highestAttempt));
    }
  }

  private void examineReplies(RequestId id, RequestAccount account) {
    Bill outcome = account.outcome;
    if (outcome == null) {
      return;
    }
    boolean agrees =
        switch (outcome.status()) {
          case COMPLETED -> account.replyEnd == RequestAccount.ReplyEnd.COMPLETED;
          case FAILED -> isFailure(account.replyEnd);
          case REJECTED ->
              account.repeat
                  ? account.replyEnd == RequestAccount.ReplyEnd.ATTACHED
                  : isFailure(account.replyEnd);
          // The provider may have completed before the cancel command reached it.
          case CANCELLED -> account.replyEnd != RequestAccount.ReplyEnd.OPEN;
          case UNKNOWN -> true; // a status that a newer writer knows
        };
    if (agrees || account.repliesUnreadable) {
      return;
    }
    String found = account.hasReplies ? "replies end " + account.replyEnd : "there are no replies";
    if (account.replyEnd != RequestAccount.ReplyEnd.OPEN) {
      report(DifferenceKind.WRONG_REPLIES, id, "%s, but %s".formatted(outcome.status(), found));
    } else if (horizons.expired(Topics.REPLIES, id)) {
      expiredReplies++;
    } else {
      settleOrReport(
          DifferenceKind.WRONG_REPLIES,
          id,
          account,
          "%s, but %s".formatted(outcome.status(), found));
    }
  }

  private static boolean isFailure(RequestAccount.ReplyEnd end) {
    return end == RequestAccount.ReplyEnd.FAILED || end == RequestAccount.ReplyEnd.REJECTED;
  }

  /** Reports a difference only after the grace period. */
  private void settleOrReport(
      DifferenceKind kind, RequestId id, RequestAccount account, String detail) {
    if (account.finishedAt != null && account.finishedAt.isBefore(settledBefore)) {
      report(kind, id, detail);
    } else {
      settling++;
    }
  }

  private void report(DifferenceKind kind, RequestId id, String detail) {
    differences.add(new Difference(kind, id.toString(), detail));
  }

  Findings findings() {
    RequestCounts counts = topics.counts();
    if (counts.accepted() != counts.sum()) {
      differences.add(
          new Difference(
              DifferenceKind.LAW_BROKEN,
              "topics",
              "accepted %d, sum %d".formatted(counts.accepted(), counts.sum())));
    }
    return new Findings(
            counts,
            rows.counts(),
            repeats,
            settling,
            rows.behind(),
            expiredRequests,
            expiredReplies,
            List.of())
        .with(differences);
  }

  private static String traces(RequestAccount account) {
    return "%d usage records, %d outcomes, %s, attempts up to %d, %d rows"
        .formatted(
            account.usages,
            account.outcomes,
            account.hasReplies ? "replies" : "no replies",
            account.highestAttempt,
            account.usageRows + account.requestRows);
  }
}
