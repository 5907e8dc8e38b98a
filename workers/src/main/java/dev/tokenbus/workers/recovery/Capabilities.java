package dev.tokenbus.workers.recovery;

import dev.tokenbus.runtime.catalogue.Catalogue;
import java.util.List;

/**
 * What a model can do when a stream is taken over, as the {@code capabilities} of its entry in the
 * catalogue say.
 *
 * @param prefill continues an assistant message at the end of the conversation
 * @param instruction may be instructed to go on where an answer stopped; nothing can check the
 *     result, so it is off unless an operator lists it
 */
public record Capabilities(boolean prefill, boolean instruction) {
  public static final Capabilities NONE = new Capabilities(false, false);

  /** The abilities of a model by its name in the catalogue; none where it is not there. */
  public static Capabilities of(Catalogue catalogue, String model) {
    return catalogue
        .model(model)
        .map(entry -> {
          List<String> listed = entry.getCapabilities();
          return new Capabilities(listed.contains("prefill"), listed.contains("instruction"));
        })
        .orElse(NONE);
  }
}
