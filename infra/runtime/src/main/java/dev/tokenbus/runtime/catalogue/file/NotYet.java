package dev.tokenbus.runtime.catalogue.file;

import java.util.function.Consumer;

/**
 * What the catalogue holds and this version does not act on. Whoever writes it into a file is told,
 * so that nobody relies on a limit that is not there.
 */
final class NotYet {
  private NotYet() {}

  /** Warns of those of the keys that the section has. */
  static void warn(CatalogueSection section, Consumer<String> warnings, String... keys) {
    for (String key : keys) {
      if (section.has(key)) {
        warnings.accept(
            CatalogueProblems.member(section.path(), key)
                + ": is kept in the catalogue, but this version does not act on it yet");
      }
    }
  }
}
