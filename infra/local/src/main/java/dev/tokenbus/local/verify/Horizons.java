package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Instant;
import java.util.Map;

/**
 * Before when the broker has begun to remove records of a topic, so that one that is missing may
 * have expired.
 *
 * @param byTopic by name; a topic that has lost nothing is not in it
 */
record Horizons(Map<String, Instant> byTopic) {
  /** Nothing has expired anywhere. */
  static final Horizons NONE = new Horizons(Map.of());

  Horizons {
    byTopic = Map.copyOf(byTopic);
  }

  /** Whether records that were written when the request was accepted may have expired. */
  boolean expired(Topic topic, RequestId id) {
    Instant horizon = byTopic.get(topic.name());
    return horizon != null && id.acceptedAt().isBefore(horizon);
  }
}
