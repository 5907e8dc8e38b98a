package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.StreamHistory;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log whose content the test says. */
final class FakeHistory implements StreamHistory {
  Delivered delivered;
  boolean stillWrites;
  @Nullable RuntimeException failure;
  @Nullable Query asked;

  FakeHistory(Delivered delivered) {
    this.delivered = delivered;
  }

  @Override
  public CompletableFuture<Delivered> read(Query query) {
    asked = query;
    return failure == null
        ? CompletableFuture.completedFuture(delivered)
        : CompletableFuture.failedFuture(failure);
  }

  @Override
  public CompletableFuture<Boolean> stillWrites(RequestId request, Run run, Instant since) {
    return CompletableFuture.completedFuture(stillWrites);
  }
}
