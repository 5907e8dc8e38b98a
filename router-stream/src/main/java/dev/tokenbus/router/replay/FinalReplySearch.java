package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.FinalReplyFold;
import dev.tokenbus.schemas.RequestId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The search for one request's final reply.
 *
 * @param from where to begin; null for the time in the request's id
 */
record FinalReplySearch(
    RequestId request, @Nullable Long from, Consumer<FinalReply> found, FinalReplyFold fold) {
  FinalReplySearch(RequestId request, @Nullable Long from, Consumer<FinalReply> found) {
    this(request, from, found, new FinalReplyFold());
  }

  /** The same search from its beginning. */
  FinalReplySearch again() {
    return new FinalReplySearch(request, from, found);
  }
}
