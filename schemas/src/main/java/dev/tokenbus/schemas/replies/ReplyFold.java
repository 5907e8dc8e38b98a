package dev.tokenbus.schemas.replies;

import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;

/**
 * The one way to read a request's records in {@code replies}: what a client sees is what this fold
 * lets through, in log order. The live bridge, resumption, take-over by another worker and
 * verification all use it, so they cannot disagree.
 *
 * <p>Rules: of two runs of one attempt, the one whose first record stands first owns the attempt; a
 * record of a higher attempt fences off everything of lower attempts behind it; repeats and gaps
 * are recognised by sequence number; after the last record nothing more is let through.
 *
 * <p>One instance per request; not thread-safe.
 */
public final class ReplyFold {
  /** What the fold says of one record. */
  public enum Verdict {
    /** The record is part of what the client sees. */
    VISIBLE,
    /** As {@link #VISIBLE}, and it is the last one. */
    LAST,
    /** A repeat, or fenced off, or of a run that does not own its attempt. */
    IGNORED,
    /**
     * The owner's next record is missing: this attempt can show nothing more; a later attempt may
     * go on.
     */
    GAP
  }

  private int attempt = -1;
  private long owner;
  private int nextSequence;
  private boolean broken;
  private boolean ended;

  /** Takes the next record of the request in log order. */
  public Verdict accept(Reply reply) {
    if (ended || reply.getAttempt() < attempt) {
      return Verdict.IGNORED;
    }
    if (reply.getAttempt() > attempt) {
      if (reply.getSequence() != 0) {
        // Its opening record was never seen (the reader began behind it, or the log lost it).
        return Verdict.GAP;
      }
      attempt = reply.getAttempt();
      owner = reply.getClaim();
      nextSequence = 0;
      broken = false;
    }
    if (reply.getClaim() != owner || reply.getSequence() < nextSequence) {
      return Verdict.IGNORED;
    }
    if (broken || reply.getSequence() > nextSequence) {
      broken = true;
      return Verdict.GAP;
    }
    nextSequence++;
    if (isLast(reply)) {
      ended = true;
      return Verdict.LAST;
    }
    return Verdict.VISIBLE;
  }

  /** Whether the last record has been let through. */
  public boolean ended() {
    return ended;
  }

  /** The attempt that owns the stream now; 0 after admission, -1 before any record. */
  public int attempt() {
    return attempt;
  }

  /** The claim that owns the attempt; meaningless while {@link #attempt()} is -1. */
  public long owner() {
    return owner;
  }

  private static boolean isLast(Reply reply) {
    Object event = reply.getEvent();
    return event instanceof Completed
        || event instanceof Failed
        || event instanceof Rejected
        || event instanceof Attached;
  }
}
