package dev.tokenbus.workers;

import dev.tokenbus.schemas.RequestId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What requests have been given so far. May be asked from any thread. */
interface ReplyHistory {
  /**
   * Reads the request's records before the fence.
   *
   * @param from offset at which its first record stands, or any before it; null where that is not
   *     known
   * @param fence offset of the record that closes off what came before
   */
  CompletableFuture<Delivered> read(RequestId request, @Nullable Long from, long fence);
}
