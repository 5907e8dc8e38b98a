package dev.tokenbus.router;

import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Measures the way of a request through the router: from the call of {@code send} on {@code
 * requests} to its record on the work topic in a consumer's hands, two hops over a broker in this
 * process. Prints one line per round; numbers are in RATIONALE.md.
 */
final class HopLatency {
  private HopLatency() {}

  /** Takes requests per second, rounds, and requests per round. */
  public static void main(String[] arguments) throws Exception {
    int rate = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    int requests = Integer.parseInt(arguments[2]);
    Path state = Files.createTempDirectory("hop-latency");
    try (Backbone backbone = Backbone.start(state);
        RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT)) {
      await().atMost(Duration.ofMinutes(1)).until(router::ready);
      String topic = Topics.work("east", Priority.INTERACTIVE).name();
      Map<String, Long> sent = new ConcurrentHashMap<>();
      long[] times = new long[requests];
      int[] count = new int[1];
      Thread.ofPlatform().daemon().start(() -> receive(backbone, topic, sent, times, count));
      SplittableRandom random = new SplittableRandom(1);
      for (int round = 0; round < rounds; round++) {
        synchronized (count) {
          count[0] = 0;
        }
        long begin = System.nanoTime();
        for (int i = 0; i < requests; i++) {
          long due = begin + i * 1_000_000_000L / rate;
          while (System.nanoTime() < due) {
            Thread.sleep(0, 200_000);
          }
          RequestId id = RequestId.of(Instant.now(), random.nextInt(16), random);
          sent.put(id.toString(), System.nanoTime());
          backbone.acceptWithoutWaiting(Samples.request(id, Samples.MODEL, Duration.ofMinutes(5)));
        }
        await().atMost(Duration.ofMinutes(1)).until(() -> sent.isEmpty());
        Arrays.sort(times);
        System.out.printf(
            "round %d: %d requests/s, p50 %.2f ms, p90 %.2f ms, p99 %.2f ms%n",
            round,
            rate,
            times[requests / 2] / 1e6,
            times[requests * 9 / 10] / 1e6,
            times[requests * 99 / 100] / 1e6);
      }
    }
  }

  private static void receive(
      Backbone backbone, String topic, Map<String, Long> sent, long[] times, int[] count) {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            backbone.context.kafka().consumer("hop-latency"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (true) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          long now = System.nanoTime();
          Long begin = sent.get(record.key());
          synchronized (count) {
            if (begin != null) {
              times[count[0]++] = now - begin;
            }
          }
          sent.remove(record.key());
        }
      }
    }
  }
}
