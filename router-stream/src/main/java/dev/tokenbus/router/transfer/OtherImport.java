package dev.tokenbus.router.transfer;

import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.jspecify.annotations.Nullable;

/**
 * Whether another instance imports now. Two that began their imports in turn would fence each other
 * off for ever, so who finds an open one waits for it, unless it writes nothing for so long that
 * its instance must have died.
 *
 * <p>Not thread-safe.
 */
final class OtherImport {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Application application;
  private @Nullable Progress last;
  private long lastSeen;

  /** How far an import has come. */
  private record Progress(long producer, int epoch, long written) {}

  OtherImport(Application application) {
    this.application = application;
  }

  /** Looks at the open import; to be asked about once a second. */
  boolean goesOn(StreamsGroups groups) {
    Optional<TransactionDescription> open =
        groups.openTransaction(StateWriter.transactionalId(application));
    if (open.isEmpty()) {
      return false;
    }
    Progress now =
        new Progress(
            open.get().producerId(),
            open.get().producerEpoch(),
            groups.written(application.changelog()));
    if (!now.equals(last)) {
      last = now;
      lastSeen = System.nanoTime();
    }
    return System.nanoTime() - lastSeen < PATIENCE.toNanos();
  }
}
