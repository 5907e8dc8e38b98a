package dev.tokenbus.router.transfer;

import java.util.Map;
import java.util.TreeMap;

/**
 * A Kafka Streams application with one store.
 *
 * @param group its application id
 * @param store the store's name
 * @param input the topic whose partitions its tasks have
 * @param overrides settings of the changelog beside those that Kafka Streams gives it
 */
public record Application(String group, String store, String input, Map<String, String> overrides) {
  public Application {
    overrides = Map.copyOf(overrides);
  }

  /** The changelog's name, as Kafka Streams forms it. */
  String changelog() {
    return group + "-" + store + "-changelog";
  }

  Map<String, String> changelogSettings() {
    Map<String, String> settings = new TreeMap<>(overrides);
    settings.put("cleanup.policy", "compact");
    return settings;
  }
}
