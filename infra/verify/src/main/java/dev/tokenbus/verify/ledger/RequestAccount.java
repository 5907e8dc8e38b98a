package dev.tokenbus.verify.ledger;

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
 * What verification keeps of one request: one or two hundred bytes, whatever the size of the
 * request and its answer.
 *
 * <p>Not thread-safe.
 */
final class RequestAccount {
  /** How the replies that the client can read end. */
  enum ReplyEnd {
    OPEN,
    COMPLETED,
    FAILED,
    REJECTED,
    /** The client reads the answer of an earlier request instead. */
    ATTACHED
  }

  int acceptances;
  boolean acceptanceProjected;
  @Nullable Instant deadline;

  int highestAttempt;

  @Nullable ReplyFold fold;
  ReplyEnd replyEnd = ReplyEnd.OPEN;
  boolean hasReplies;

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
      case Entry.Replied replied -> addReply(replied.reply());
      case Entry.Finished finished -> finish(finished);
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

  private void finish(Entry.Finished finished) {
    outcomes++;
    if (outcome == null) {
      outcome = finished.bill();
      finishedAt = finished.finishedAt();
      repeat = finished.repeat();
    } else if (!outcome.equals(finished.bill())) {
      otherOutcome = finished.bill();
    }
    outcomeProjected |= finished.projected();
  }

  private void addReply(Reply reply) {
    hasReplies = true;
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
