package dev.tokenbus.runtime.requests;

import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A request whose replies are awaited. Of the follower's thread, except the result. */
final class AwaitedRequest {
  private final ReplyFold fold = new ReplyFold();
  private final Consumer<Reply> visible;
  private final CompletableFuture<Reply> last = new CompletableFuture<>();

  AwaitedRequest(Consumer<Reply> visible) {
    this.visible = visible;
  }

  CompletableFuture<Reply> last() {
    return last;
  }

  void take(TopicRecord<Reply> record) {
    switch (record) {
      case TopicRecord.Present<Reply>(_, Reply reply) -> fold(reply);
      case TopicRecord.Unreadable<Reply> unreadable ->
          last.completeExceptionally(
              new UnreadableReplyException(
                  String.valueOf(unreadable.source().key()), unreadable.why().reason()));
      case TopicRecord.Tombstone<Reply> _ -> {
        // Nobody writes these; compaction is not how replies go away.
      }
    }
  }

  private void fold(Reply reply) {
    switch (fold.accept(reply)) {
      case VISIBLE -> show(reply);
      case LAST -> {
        show(reply);
        last.complete(reply);
      }
      case IGNORED, GAP -> {
        // An attempt that can show nothing more is followed by another, or by the deadline.
      }
    }
  }

  private void show(Reply reply) {
    try {
      visible.accept(reply);
    } catch (RuntimeException e) {
      last.completeExceptionally(e);
    }
  }
}
