package dev.tokenbus.workers;

import dev.tokenbus.runtime.catalogue.Catalogue;
import java.util.List;

/**
 * What a model can do when a stream is taken over, as the {@code capabilities} of its entry in the
 * catalogue say.
 *
 * @param prefill goes on from an answer that stands at the end of the conversation
 * @param instruction may be told in words to go on where an answer stopped; nothing can check that
 *     it does, so it is off unless an operator lists it
 */
record Abilities(boolean prefill, boolean instruction) {
  static final Abilities NONE = new Abilities(false, false);

  /** The abilities of a model by its name in the catalogue; none where it is not there. */
  static Abilities of(Catalogue catalogue, String model) {
    return catalogue
        .model(model)
        .map(entry -> {
          List<String> listed = entry.getCapabilities();
          return new Abilities(listed.contains("prefill"), listed.contains("instruction"));
        })
        .orElse(NONE);
  }
}
