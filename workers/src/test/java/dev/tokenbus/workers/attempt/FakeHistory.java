package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.workers.recovery.Delivered;
import dev.tokenbus.workers.recovery.StreamHistory;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log whose content the test says. */
final class FakeHistory implements StreamHistory {
  Delivered delivered;
  OptionalInt stillWrites = OptionalInt.empty();
  @Nullable Long watched;
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
  public CompletableFuture<OptionalInt> stillWrites(RequestId request, long claim) {
    watched = claim;
    return CompletableFuture.completedFuture(stillWrites);
  }
}
