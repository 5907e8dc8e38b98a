package dev.tokenbus.bench.floor;

import dev.tokenbus.bench.load.Percentiles;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Measures how long a record takes over three hops: client → A → B → C → client, with {@code
 * acks=all} and {@code linger.ms=0}. No gateway over a log with the same number of hops can be
 * faster than this on the machine.
 */
public final class RawFloor {
  private RawFloor() {}

  /**
   * Measures on a running cluster, in topics that are deleted afterwards.
   *
   * @throws IllegalStateException when a record is lost or a client fails
   */
  public static Percentiles measure(String bootstrapServers, FloorPlan plan)
      throws InterruptedException {
    FloorClients clients = new FloorClients(bootstrapServers);
    String run = UUID.randomUUID().toString();
    String group = "bench-floor-" + run;
    FloorRun measuring = new FloorRun(plan);
    try (FloorTopics topics = new FloorTopics(clients, run)) {
      if (plan.shareGroup()) {
        topics.shareFromTheBeginning(group);
      }
      Supplier<Source> middle =
          plan.shareGroup()
              ? () -> Source.shared(clients, topics.name(1), group)
              : () -> Source.assigned(clients, topics.name(1));
      try (Hop first =
              Hop.start(
                  "floor-hop-1",
                  () -> Source.assigned(clients, topics.name(0)),
                  () -> new Forward(clients.producer(), topics.name(1), measuring),
                  measuring::failed);
          Hop second =
              Hop.start(
                  "floor-hop-2",
                  middle,
                  () -> new Forward(clients.producer(), topics.name(2), measuring),
                  measuring::failed);
          Hop last =
              Hop.start(
                  "floor-hop-3",
                  () -> Source.assigned(clients, topics.name(2)),
                  () -> measuring::received,
                  measuring::failed);
          Forward client = new Forward(clients.producer(), topics.name(0), measuring)) {
        return measuring.measure(client, first, second, last);
      }
    }
  }

  /** Sends what it takes to a topic. */
  record Forward(KafkaProducer<byte[], byte[]> producer, String topic, FloorRun run)
      implements Hop.Step {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of the failure
    public void take(byte[] value) {
      producer.send(
          new ProducerRecord<>(topic, value),
          (metadata, failure) -> {
            if (failure != null) {
              run.failed(failure);
            }
          });
    }

    @Override
    public void close() {
      producer.close();
    }
  }
}
