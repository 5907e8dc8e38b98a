package dev.tokenbus.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A start on what a broker leaves behind that was killed: a copy of its files while it runs. */
class KilledBrokerIT {
  private static final TopicPartition PARTITION = new TopicPartition("kept", 0);

  @TempDir Path temporary;

  private final ListAppender<ILoggingEvent> coordinators = new ListAppender<>();

  /** Kafka 4.3.1 mixes up two loads of one coordinator that overlap. */
  @Test
  void loadsEachGroupCoordinatorOnce() throws Exception {
    Path killed = temporary.resolve("killed");
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(BrokerSettings.in(temporary.resolve("old")))) {
      KafkaFixture kafka = new KafkaFixture(broker.bootstrapServers());
      kafka.createTopic(PARTITION.topic());
      kafka.produce(PARTITION.topic(), "one".getBytes(UTF_8), "two".getBytes(UTF_8));
      try (Admin admin = kafka.admin()) {
        admin
            .alterConsumerGroupOffsets("group", Map.of(PARTITION, new OffsetAndMetadata(1)))
            .all()
            .get();
      }
      copy(temporary.resolve("old"), killed);
    }
    Logger log =
        (Logger)
            LoggerFactory.getLogger(
                "org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime");
    Level level = log.getLevel();
    log.setLevel(Level.INFO);
    coordinators.start();
    log.addAppender(coordinators);
    try (EmbeddedBroker broker = EmbeddedBroker.start(BrokerSettings.in(killed))) {
      KafkaFixture kafka = new KafkaFixture(broker.bootstrapServers());

      assertThat(kafka.consume(PARTITION.topic(), 2)).hasSize(2);
      try (Admin admin = kafka.admin()) {
        assertThat(admin.listConsumerGroupOffsets("group").partitionsToOffsetAndMetadata().get())
            .containsEntry(PARTITION, new OffsetAndMetadata(1));
      }
      assertThat(loads()).isNotEmpty().allSatisfy((partition, times) -> assertThat(times).isOne());
    } finally {
      log.detachAppender(coordinators);
      log.setLevel(level);
    }
  }

  /** How often the load of each partition of a coordinator's topic was begun. */
  private Map<String, Long> loads() {
    return List.copyOf(coordinators.list).stream()
        .filter(event -> event.getFormattedMessage().contains("Scheduling loading of metadata"))
        .collect(
            Collectors.groupingBy(
                event -> event.getFormattedMessage().replaceAll(".* from ([^ ]+) .*", "$1"),
                Collectors.counting()));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        try {
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target);
          }
        } catch (NoSuchFileException e) {
          // The broker has just renamed it, as it may at any moment before a kill.
        }
      }
    }
  }
}
