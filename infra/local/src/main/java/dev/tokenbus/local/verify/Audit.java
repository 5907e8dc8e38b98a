package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Goes through the accounts once. Not thread-safe. */
final class Audit {
  private final Horizons horizons;
  private final Instant settledBefore;
  private final Instant overdueBefore;
  private final RowAudit rows;
  private final Tally topics = new Tally();
  private final List<Difference> differences = new ArrayList<>();
  private long repeats;
  private long settling;
  private long expiredRequests;
  private long expiredReplies;

  Audit(Horizons horizons, Instant readAt, Patience patience) {
    this.horizons = horizons;
    settledBefore = readAt.minus(patience.settling());
    overdueBefore = readAt.minus(patience.overdue());
    rows = new RowAudit(horizons, this::report);
  }

  void examine(RequestId id, Account account) {
    repeats += Math.max(0, account.acceptances - 1) + Math.max(0, account.outcomes - 1);
    if (account.acceptances == 0 && horizons.expired(Topics.REQUESTS, id)) {
      expiredRequests++;
    } else {
      examineLife(id, account);
      rows.count(account);
    }
    examineBill(id, account);
    examineReplies(id, account);
    rows.examine(id, account);
  }

  private void examineLife(RequestId id, Account account) {
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

  private void examineBill(RequestId id, Account account) {
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

  private void examineReplies(RequestId id, Account account) {
    Bill outcome = account.outcome;
    if (outcome == null) {
      return;
    }
    boolean agrees =
        switch (outcome.status()) {
          case COMPLETED -> account.replyEnd == Account.ReplyEnd.COMPLETED;
          case FAILED -> isFailure(account.replyEnd);
          case REJECTED ->
              account.repeat
                  ? account.replyEnd == Account.ReplyEnd.ATTACHED
                  : isFailure(account.replyEnd);
          // Nobody was there to see whether the provider was faster than the order to stop.
          case CANCELLED -> account.replyEnd != Account.ReplyEnd.OPEN;
          case UNKNOWN -> true; // a newer writer's word
        };
    if (agrees) {
      return;
    }
    String found = account.replied ? "replies end " + account.replyEnd : "there are no replies";
    if (account.replyEnd != Account.ReplyEnd.OPEN) {
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

  private static boolean isFailure(Account.ReplyEnd end) {
    return end == Account.ReplyEnd.FAILED || end == Account.ReplyEnd.REJECTED;
  }

  /** A difference only where there was time for it to disappear. */
  private void settleOrReport(DifferenceKind kind, RequestId id, Account account, String detail) {
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
    Counts counts = topics.counts();
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

  private static String traces(Account account) {
    return "%d usage records, %d outcomes, %s, attempts up to %d, %d rows"
        .formatted(
            account.usages,
            account.outcomes,
            account.replied ? "replies" : "no replies",
            account.highestAttempt,
            account.usageRows + account.requestRows);
  }
}
