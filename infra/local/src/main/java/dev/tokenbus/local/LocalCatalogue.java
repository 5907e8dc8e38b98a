package dev.tokenbus.local;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.publish.CataloguePublisher;
import dev.tokenbus.runtime.catalogue.publish.CatalogueSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/** Brings the catalogue up to date when a local installation starts. */
final class LocalCatalogue {
  private LocalCatalogue() {}

  /**
   * Applies the given file; without one, keeps what was applied before, or else applies the shipped
   * catalogue. Publishes the home's own key.
   *
   * @param ownsEveryApp whether this process runs every app of the home, so that none of an earlier
   *     version is left: then an upgrade from it ends here
   * @return which catalogue it is, for people
   */
  static String prepare(
      AppContext context, LocalSettings settings, LocalKey key, boolean ownsEveryApp) {
    Instant now = context.clock().instant();
    CataloguePublisher publisher = new CataloguePublisher(context.kafka(), context.schemas());
    String origin;
    if (settings.catalogue().isPresent()) {
      publisher.apply(settings.catalogue().get());
      origin = "from the given file";
    } else if (publisher.has(CatalogueSource.FILE)) {
      origin = "as last applied";
    } else {
      publisher.replace(
          ShippedCatalogue.read(settings.environment(), now).entries(),
          CatalogueSource.SHIPPED,
          Set.of(CatalogueSource.SHIPPED));
      origin = "shipped";
    }
    key.publish(publisher, now);
    if (ownsEveryApp) {
      finalizeUpgrade(publisher);
    }
    return origin;
  }

  private static void finalizeUpgrade(CataloguePublisher publisher) {
    try {
      // No app has started yet, so none needs time to find the keys in their new place.
      publisher.finalizeUpgrade(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while ending an upgrade", e);
    }
  }
}
