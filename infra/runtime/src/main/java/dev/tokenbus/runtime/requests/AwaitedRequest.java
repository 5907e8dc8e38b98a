package dev.tokenbus.runtime.requests;

import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
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
      case TopicRecord.Present<Reply>(_, Reply reply) -> settle(fold.accept(reply), reply);
      case TopicRecord.Unreadable<Reply> unreadable -> {
        ReplyHeader header = unreadable.why().header(ReplyHeader.class).orElse(null);
        // Where not even the header can be read, nobody can say that the record does not matter.
        if (header == null || fold.accept(header) == ReplyFold.Verdict.UNREADABLE) {
          last.completeExceptionally(
              new UnreadableReplyException(
                  String.valueOf(unreadable.source().key()), unreadable.why().reason()));
        }
      }
      case TopicRecord.Tombstone<Reply> _ -> {
        // Nobody writes these; compaction is not how replies go away.
      }
    }
  }

  private void settle(ReplyFold.Verdict verdict, Reply reply) {
    switch (verdict) {
      case VISIBLE -> show(reply);
      case LAST -> {
        show(reply);
        last.complete(reply);
      }
      case IGNORED, GAP, UNREADABLE -> {
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
