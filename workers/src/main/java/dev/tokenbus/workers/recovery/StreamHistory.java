package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.RequestId;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Knows what clients have been given so far. Thread-safe. */
public interface StreamHistory {
  /**
   * What is to be read.
   *
   * @param from offset that is not behind the request's first record; null where only the time in
   *     the request id tells
   * @param end offset behind the last record that counts
   * @param writer claim of the run whose checkpoints may be trusted; null for none
   */
  record Query(RequestId request, @Nullable Long from, long end, @Nullable Long writer) {}

  /**
   * Reads the request's records up to an offset.
   *
   * @return completes exceptionally if they could not be read in time
   */
  CompletableFuture<Delivered> read(Query query);

  /**
   * Finds out whether a run still writes the stream of the request. Only records that come while it
   * watches prove it: an older one may have been the last, and its time is another machine's.
   *
   * @param claim of the run
   * @return completes after some 300 ms with the run's attempt where it writes; exceptionally if
   *     the log could not be read
   */
  CompletableFuture<OptionalInt> stillWrites(RequestId request, long claim);
}
