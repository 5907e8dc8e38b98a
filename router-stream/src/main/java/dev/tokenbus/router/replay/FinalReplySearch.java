package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.FinalReplyFold;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for one request's final reply.
 *
 * <p>Records are taken by one thread at a time; the caller may be changed by any.
 */
final class FinalReplySearch {
  private static final Logger LOG = LoggerFactory.getLogger(FinalReplySearch.class);

  private final RequestId request;
  private final FinalReplyFold fold = new FinalReplyFold();
  private volatile Consumer<FinalReply> found;

  FinalReplySearch(RequestId request, Consumer<FinalReply> found) {
    this.request = request;
    this.found = found;
  }

  /** The last caller gets the answer; it may be another task than the first. */
  void tell(Consumer<FinalReply> caller) {
    found = caller;
  }

  Consumer<FinalReply> caller() {
    return found;
  }

  /** Takes the request's next record; false when none behind it matters. */
  boolean take(TopicRecord<Reply> record) {
    switch (record) {
      case TopicRecord.Present<Reply>(var _, Reply reply) -> fold.accept(reply);
      case TopicRecord.Unreadable<Reply> unreadable -> takeUnreadable(unreadable);
      case TopicRecord.Tombstone<Reply> _ -> {
        // Says nothing.
      }
    }
    return !fold.ended();
  }

  /** A newer writer's reply: this version must not conclude from what stands around it. */
  private void takeUnreadable(TopicRecord.Unreadable<Reply> record) {
    LOG.atWarn()
        .addKeyValue("request_id", request)
        .addKeyValue("offset", record.source().offset())
        .setCause(record.why().reason())
        .log("reply cannot be read by this version");
    record.why().header(ReplyHeader.class).ifPresent(fold::accept);
  }

  /**
   * What the search has found.
   *
   * @param problem why the log was not read to its end; null where it was
   * @return null where nothing can be concluded
   */
  @Nullable FinalReply conclusion(@Nullable Throwable problem) {
    return switch (problem) {
      case null -> fold.reply();
      case TimeoutException _ -> fold.givenUp();
      default -> null;
    };
  }
}
