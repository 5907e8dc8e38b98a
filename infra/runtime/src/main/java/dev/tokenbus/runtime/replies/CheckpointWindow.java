package dev.tokenbus.runtime.replies;

import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over a part of the log has found of a request: the last checkpoint that may be
 * begun with, and what stands behind it.
 *
 * <p>Only a run that owns its attempt writes checkpoints, so one may be begun with if no later
 * attempt had fenced its run off. The owner's are taken, unless a record of a later attempt stands
 * before them; and those of an earlier attempt where the owner's opening record, the fence, stands
 * behind them: the owner may have died before it had written one.
 *
 * <p>Of one scanner thread at a time.
 */
final class CheckpointWindow {
  /**
   * So much is kept of one request. An answer without checkpoints takes some 15 MB for 100,000
   * tokens; more would be a danger to everything else in the process.
   */
  private static final long MOST_BYTES = 64L * 1024 * 1024;

  private final @Nullable StreamOwner owner;
  private final List<LoggedReply> later;
  private final boolean openedLater;
  private List<LoggedReply> records = new ArrayList<>();
  private Optional<LoggedReply.Known> checkpoint = Optional.empty();

  /** Place in the records of a checkpoint of an earlier attempt; -1 where there is none. */
  private int earlier = -1;

  private int attempt = -1;
  private boolean opened;
  private long bytes;

  private CheckpointWindow(
      @Nullable StreamOwner owner, List<LoggedReply> later, boolean openedLater) {
    this.owner = owner;
    this.later = later;
    this.openedLater = openedLater;
  }

  /** The window at the end of what is searched. */
  static CheckpointWindow behindAll(StreamOwner owner) {
    return new CheckpointWindow(owner, List.of(), false);
  }

  /** A window over everything, in which no checkpoint is taken. */
  static CheckpointWindow untrusting() {
    return new CheckpointWindow(null, List.of(), false);
  }

  /** The window before this one, which has been read. */
  CheckpointWindow before() {
    CheckpointWindow before = new CheckpointWindow(owner, all(), opened || openedLater);
    before.bytes = bytes;
    return before;
  }

  boolean take(TopicRecord<Reply> record) {
    LoggedReply.of(record).ifPresent(this::add);
    return true;
  }

  private void add(LoggedReply logged) {
    records.add(logged);
    bytes += size(logged);
    if (bytes > MOST_BYTES) {
      throw new IllegalStateException(
          "More than " + MOST_BYTES + " bytes stand behind the request's last checkpoint");
    }
    if (owner != null && logged instanceof LoggedReply.Known known) {
      look(known.reply(), owner);
    }
    attempt = Math.max(attempt, logged.attempt());
  }

  private void look(Reply reply, StreamOwner ofStream) {
    if (reply.getEvent() instanceof Checkpoint && reply.getAttempt() >= attempt) {
      earlier = records.size() - 1;
      if (ofStream.wrote(reply)) {
        beginWithEarlier();
      }
    } else if (reply.getSequence() == 0 && ofStream.wrote(reply)) {
      opened = true;
      beginWithEarlier();
    }
  }

  private void beginWithEarlier() {
    if (earlier >= 0 && records.get(earlier) instanceof LoggedReply.Known known) {
      checkpoint = Optional.of(known);
      records.subList(0, earlier + 1).forEach(passed -> bytes -= size(passed));
      records = new ArrayList<>(records.subList(earlier + 1, records.size()));
      earlier = -1;
    }
  }

  /** What has been found, to be asked when the window has been read. */
  ReplyHistory history() {
    if (openedLater) {
      beginWithEarlier();
    }
    return new ReplyHistory(checkpoint, all());
  }

  private static int size(LoggedReply logged) {
    return logged instanceof LoggedReply.Known known ? known.bytes() : 0;
  }

  private List<LoggedReply> all() {
    List<LoggedReply> all = new ArrayList<>(records);
    all.addAll(later);
    return all;
  }
}
