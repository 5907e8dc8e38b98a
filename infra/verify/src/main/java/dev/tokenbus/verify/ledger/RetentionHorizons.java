package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Instant;
import java.util.Map;

/**
 * For each topic, the time before which the broker may have removed records.
 *
 * @param byTopic by name; a topic that has lost no record is absent
 */
public record RetentionHorizons(Map<String, Instant> byTopic) {
  /** No topic has lost a record. */
  static final RetentionHorizons NONE = new RetentionHorizons(Map.of());

  public RetentionHorizons {
    byTopic = Map.copyOf(byTopic);
  }

  /** Whether records that were written when the request was accepted may have expired. */
  boolean expired(Topic topic, RequestId id) {
    Instant horizon = byTopic.get(topic.name());
    return horizon != null && id.acceptedAt().isBefore(horizon);
  }
}
