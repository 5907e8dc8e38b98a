package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.replies.ReplyFold;
import dev.tokenbus.schemas.replies.ReplyFold.Verdict;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that is kept of one request: a hundred bytes or two, whatever the size of the request and its
 * answer. Not thread-safe.
 */
final class Account {
  /** How what the client can read ends. */
  enum ReplyEnd {
    OPEN,
    COMPLETED,
    FAILED,
    REJECTED,
    /** Another request's answer is to be read instead. */
    ATTACHED
  }

  int acceptances;
  boolean acceptanceProjected;
  @Nullable Instant deadline;

  int highestAttempt;

  @Nullable ReplyFold fold;
  ReplyEnd replyEnd = ReplyEnd.OPEN;
  boolean replied;

  int outcomes;
  @Nullable Bill outcome;
  @Nullable Bill otherOutcome;
  @Nullable Instant finishedAt;
  boolean repeat;
  boolean outcomeProjected;

  int usages;
  @Nullable Bill usage;
  boolean usageProjected;

  int usageRows;
  @Nullable Bill usageRow;
  int requestRows;
  Optional<RequestStatus> requestRow = Optional.empty();

  void add(Entry entry) {
    switch (entry) {
      case Entry.Accepted accepted -> {
        acceptances++;
        acceptanceProjected |= accepted.projected();
        deadline = accepted.deadline();
      }
      case Entry.Attempted attempted ->
          highestAttempt = Math.max(highestAttempt, attempted.attempt());
      case Entry.Said said -> say(said.reply());
      case Entry.Ended ended -> end(ended);
      case Entry.Billed billed -> {
        usages++;
        usage = usage == null ? billed.bill() : usage;
        usageProjected |= billed.projected();
      }
      case Entry.UsageRow row -> {
        usageRows++;
        usageRow = row.bill();
      }
      case Entry.RequestRow row -> {
        requestRows++;
        requestRow = row.status();
      }
    }
  }

  private void end(Entry.Ended ended) {
    outcomes++;
    if (outcome == null) {
      outcome = ended.bill();
      finishedAt = ended.finishedAt();
      repeat = ended.repeat();
    } else if (!outcome.equals(ended.bill())) {
      otherOutcome = ended.bill();
    }
    outcomeProjected |= ended.projected();
  }

  private void say(Reply reply) {
    replied = true;
    if (replyEnd != ReplyEnd.OPEN) {
      return;
    }
    if (fold == null) {
      fold = new ReplyFold();
    }
    if (fold.accept(reply) == Verdict.LAST) {
      replyEnd = endOf(reply.getEvent());
      fold = null;
    }
  }

  private static ReplyEnd endOf(Object event) {
    return switch (event) {
      case Completed _ -> ReplyEnd.COMPLETED;
      case Failed _ -> ReplyEnd.FAILED;
      case Rejected _ -> ReplyEnd.REJECTED;
      case Attached _ -> ReplyEnd.ATTACHED;
      default -> throw new IllegalArgumentException("Not an end: " + event);
    };
  }
}
