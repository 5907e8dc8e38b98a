package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.RequestId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Knows what clients have been given so far. Thread-safe. */
public interface ReplyHistory {
  /**
   * Reads the request's records before the fence.
   *
   * @param from offset at which its first record stands, or any before it; null where that is not
   *     known
   * @param fence offset of the record that closes off what came before
   */
  CompletableFuture<Delivered> read(RequestId request, @Nullable Long from, long fence);
}
