package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.replies.ReplyFold;
import dev.tokenbus.schemas.replies.ReplyFold.Verdict;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
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

  /** Where the request says that its body stands. */
  @Nullable BodyPosition body;

  /** Where bodies of the request do stand. */
  Set<BodyPosition> bodies = Set.of();

  int highestAttempt;

  @Nullable ReplyFold fold;
  ReplyEnd replyEnd = ReplyEnd.OPEN;
  boolean hasReplies;

  /** A reply that a client should see cannot be read here, so nothing is known of what follows. */
  boolean repliesUnreadable;

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
        body = accepted.body().orElse(null);
      }
      case Entry.BodyWritten written -> {
        Set<BodyPosition> more = new HashSet<>(bodies);
        more.add(written.position());
        bodies = more;
      }
      case Entry.Attempted attempted ->
          highestAttempt = Math.max(highestAttempt, attempted.attempt());
      case Entry.Replied replied -> addReply(replied.reply());
      case Entry.RepliedUnreadably unreadable -> addUnreadable(unreadable.header());
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
    if (replyEnd == ReplyEnd.OPEN && openFold().accept(reply) == Verdict.LAST) {
      replyEnd = endOf(reply.getEvent());
      fold = null;
    }
  }

  private void addUnreadable(ReplyHeader header) {
    hasReplies = true;
    if (replyEnd == ReplyEnd.OPEN && openFold().accept(header) == Verdict.UNREADABLE) {
      repliesUnreadable = true;
    }
  }

  private ReplyFold openFold() {
    ReplyFold open = fold == null ? new ReplyFold() : fold;
    fold = open;
    return open;
  }

  /**
   * Whether only bodies are known of it: the ingress died, or was refused, between writing the body
   * and the request, so there is no request.
   */
  boolean isOnlyBodies() {
    return !bodies.isEmpty()
        && acceptances == 0
        && highestAttempt == 0
        && !hasReplies
        && outcomes == 0
        && usages == 0
        && usageRows == 0
        && requestRows == 0;
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
