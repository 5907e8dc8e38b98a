package dev.tokenbus.schemas.replies;

import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;

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
    GAP,
    /**
     * The owner's next record is there, and this reader cannot read what it says: a newer writer's
     * event. Nothing is missing in the log, so a newer reader sees more; this one must not show
     * what follows as if it were whole.
     */
    UNREADABLE
  }

  private int attempt = -1;
  private long owner;
  private int nextSequence;
  private boolean broken;
  private boolean ended;

  /** A fold of a request's records from its first one. */
  public ReplyFold() {}

  /**
   * A fold that begins behind a checkpoint instead of the request's first record.
   *
   * @param reply a record whose event is a {@link Checkpoint} and that a fold of everything before
   *     it has let through: of the attempt and claim that wrote the stream there
   * @throws IllegalArgumentException if the event is not a checkpoint
   */
  public static ReplyFold behind(Reply reply) {
    if (!(reply.getEvent() instanceof Checkpoint)) {
      throw new IllegalArgumentException("Not a checkpoint: " + reply.getEvent().getClass());
    }
    ReplyFold fold = new ReplyFold();
    fold.attempt = reply.getAttempt();
    fold.owner = reply.getClaim();
    fold.nextSequence = reply.getSequence() + 1;
    return fold;
  }

  /** Takes the next record of the request in log order. */
  public Verdict accept(Reply reply) {
    Verdict verdict = accept(reply.getAttempt(), reply.getClaim(), reply.getSequence());
    if (verdict == Verdict.VISIBLE && isLast(reply)) {
      ended = true;
      return Verdict.LAST;
    }
    return verdict;
  }

  /**
   * Takes the next record of the request in log order where only its header could be read. Never
   * says {@link Verdict#VISIBLE} or {@link Verdict#LAST}; {@link Verdict#UNREADABLE} in their
   * place.
   */
  public Verdict accept(ReplyHeader unreadable) {
    Verdict verdict =
        accept(unreadable.getAttempt(), unreadable.getClaim(), unreadable.getSequence());
    return verdict == Verdict.VISIBLE ? Verdict.UNREADABLE : verdict;
  }

  private Verdict accept(int ofAttempt, long claim, int sequence) {
    if (ended || ofAttempt < attempt) {
      return Verdict.IGNORED;
    }
    if (ofAttempt > attempt) {
      if (sequence != 0) {
        // Its opening record was never seen (the reader began behind it, or the log lost it).
        return Verdict.GAP;
      }
      attempt = ofAttempt;
      owner = claim;
      nextSequence = 0;
      broken = false;
    }
    if (claim != owner || sequence < nextSequence) {
      return Verdict.IGNORED;
    }
    if (broken || sequence > nextSequence) {
      broken = true;
      return Verdict.GAP;
    }
    nextSequence++;
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
