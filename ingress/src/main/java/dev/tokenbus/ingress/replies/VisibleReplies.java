package dev.tokenbus.ingress.replies;

import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.ArrayList;
import java.util.List;

/**
 * Drops the replies that no client sees, and those that came both live and from the log. Not
 * thread-safe.
 */
final class VisibleReplies {
  private ReplyFold fold = new ReplyFold();
  private boolean unreadable;
  private boolean beginningLost;

  /** Begins behind a checkpoint instead of the request's first record. */
  void beginBehind(Reply checkpoint) {
    fold = ReplyFold.behind(checkpoint);
  }

  /** Whether the last record has been let through. */
  boolean ended() {
    return fold.ended();
  }

  /** Whether records came of which the first one is missing. */
  boolean beginningLost() {
    return beginningLost;
  }

  /**
   * Does nothing unless a visible record could not be read.
   *
   * @throws UnreadableReplyException if a newer version wrote it
   */
  void requireReadable() {
    if (unreadable) {
      throw new UnreadableReplyException();
    }
  }

  /**
   * Lets the visible ones of the next records through, up to the first that cannot be read.
   *
   * @param records the request's next records in log order
   * @throws UnreadableReplyException if the first visible one cannot be read
   */
  List<LoggedReply.Known> visible(List<LoggedReply> records) {
    List<LoggedReply.Known> visible = new ArrayList<>(records.size());
    for (LoggedReply record : records) {
      switch (record) {
        case LoggedReply.Known known -> {
          if (isVisible(fold.accept(known.reply()))) {
            visible.add(known);
          }
        }
        case LoggedReply.Unreadable unknown ->
            unreadable |= unknown.header().map(fold::accept).map(this::isVisible).orElse(true);
      }
      if (unreadable) {
        // What is visible before it goes out first.
        break;
      }
    }
    if (visible.isEmpty()) {
      requireReadable();
    }
    return visible;
  }

  private boolean isVisible(ReplyFold.Verdict verdict) {
    return switch (verdict) {
      case VISIBLE, LAST, UNREADABLE -> true;
      case IGNORED -> false;
      case GAP -> {
        beginningLost |= fold.attempt() < 0;
        yield false;
      }
    };
  }
}
