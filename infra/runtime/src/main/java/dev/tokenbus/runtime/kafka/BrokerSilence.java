package dev.tokenbus.runtime.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * How long ago the broker last answered a consumer. An empty poll does not tell a topic in which
 * nothing happens from a broker that is away; the consumer's count of responses does, since a fetch
 * is answered at least every half second.
 *
 * <p>{@link #look} belongs to the consumer's thread; {@link #duration} may be called from any.
 */
final class BrokerSilence {
  private volatile long answeredAt = System.nanoTime();
  private double seen;

  /** To be called after every poll. */
  void look(Consumer<?, ?> consumer) {
    double responses = responses(consumer.metrics()).orElse(seen + 1);
    if (responses != seen) {
      seen = responses;
      answeredAt = System.nanoTime();
    }
  }

  Duration duration() {
    return Duration.ofNanos(System.nanoTime() - answeredAt);
  }

  private static Optional<Double> responses(Map<MetricName, ? extends Metric> metrics) {
    return metrics.entrySet().stream()
        .filter(metric -> metric.getKey().name().equals("response-total"))
        .filter(metric -> metric.getKey().group().equals("consumer-metrics"))
        .map(metric -> (Double) metric.getValue().metricValue())
        .findFirst();
  }
}
