package dev.tokenbus.runtime.requests;

import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A request whose replies are awaited. Of the follower's thread, except the result. */
final class AwaitedRequest {
  private final ReplyFold fold = new ReplyFold();
  private final Consumer<Reply> visible;
  private final BiConsumer<RequestId, AwaitedRequest> earlier;
  private final CompletableFuture<Reply> last;

  /**
   * Awaits the first reply.
   *
   * @param earlier takes the id of an earlier request that this one repeats, and who awaits its
   *     replies instead
   */
  AwaitedRequest(Consumer<Reply> visible, BiConsumer<RequestId, AwaitedRequest> earlier) {
    this(visible, earlier, new CompletableFuture<>());
  }

  private AwaitedRequest(
      Consumer<Reply> visible,
      BiConsumer<RequestId, AwaitedRequest> earlier,
      CompletableFuture<Reply> last) {
    this.visible = visible;
    this.earlier = earlier;
    this.last = last;
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
        if (reply.getEvent() instanceof Attached attached) {
          // Of a fold of its own: another request's attempts are counted anew.
          earlier.accept(
              RequestId.parse(attached.getRequestId()), new AwaitedRequest(visible, earlier, last));
        } else {
          show(reply);
          last.complete(reply);
        }
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
