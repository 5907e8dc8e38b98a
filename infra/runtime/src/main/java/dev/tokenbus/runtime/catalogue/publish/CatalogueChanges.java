package dev.tokenbus.runtime.catalogue.publish;

import java.util.List;

/**
 * What an application of a catalogue changed: keys on the topic ({@code model/gpt-5}), in their
 * order.
 */
public record CatalogueChanges(List<String> added, List<String> changed, List<String> removed) {
  public CatalogueChanges {
    added = List.copyOf(added);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
  }

  public boolean isEmpty() {
    return added.isEmpty() && changed.isEmpty() && removed.isEmpty();
  }
}
