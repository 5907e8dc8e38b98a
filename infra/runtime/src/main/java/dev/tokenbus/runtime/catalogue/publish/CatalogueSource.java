package dev.tokenbus.runtime.catalogue.publish;

import dev.tokenbus.schemas.avro.CatalogueEntry;
import java.util.Locale;

/** Who manages an entry of the catalogue. */
public enum CatalogueSource {
  /** A file that somebody applied. */
  FILE,
  /** The catalogue that comes with Tokenbus. */
  SHIPPED,
  /** A local installation: its own tenant and key. */
  UP,
  /** Tokenbus itself: what no file names. */
  SYSTEM;

  /** As it stands in {@code CatalogueEntry.source}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean manages(CatalogueEntry entry) {
    return entry.getSource().equals(wireName());
  }
}
