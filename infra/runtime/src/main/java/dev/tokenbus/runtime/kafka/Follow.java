package dev.tokenbus.runtime.kafka;

import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What a {@link TopicFollower} follows.
 *
 * @param name of its thread and its consumer
 * @param partitions those it reads; empty for all there are
 * @param tick how long a poll waits at most
 * @param settings of the consumer, beside those every consumer has
 */
public record Follow<T>(
    String name,
    Topic topic,
    Set<Integer> partitions,
    StartAt start,
    Duration tick,
    Map<String, Object> settings,
    RecordDecoder<T> decoder,
    TopicListener<T> listener) {
  private static final Duration TICK = Duration.ofSeconds(1);

  public Follow {
    partitions = Set.copyOf(partitions);
    settings = Map.copyOf(settings);
    if (!tick.isPositive()) {
      throw new IllegalArgumentException("A follower's tick must be positive: " + tick);
    }
  }

  /** Of all partitions, with a tick of a second. */
  public static <T> Follow<T> of(
      String name,
      Topic topic,
      StartAt start,
      RecordDecoder<T> decoder,
      TopicListener<T> listener) {
    return new Follow<>(name, topic, Set.of(), start, TICK, Map.of(), decoder, listener);
  }

  public Follow<T> onPartition(int partition) {
    return new Follow<>(name, topic, Set.of(partition), start, tick, settings, decoder, listener);
  }

  public Follow<T> withTick(Duration newTick) {
    return new Follow<>(name, topic, partitions, start, newTick, settings, decoder, listener);
  }

  public Follow<T> withSettings(Map<String, Object> newSettings) {
    return new Follow<>(name, topic, partitions, start, tick, newSettings, decoder, listener);
  }
}
