package dev.tokenbus.runtime.kafka.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.runtime.kafka.Controls;
import dev.tokenbus.runtime.kafka.FakeRegistry;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TestTopics;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class PartitionScannerIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final FakeRegistry registry = new FakeRegistry();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final AtomicInteger consumersMade = new AtomicInteger();
  private final AtomicInteger errors = new AtomicInteger();
  private final TestTopics topics;
  private final Topic topic;
  private final PartitionScanner scanner;
  private RecordDecoder<Control> decoder = registry.newcomer().decoder(Control.class);

  PartitionScannerIT(EmbeddedBroker broker) {
    topics = new TestTopics(broker);
    topic = topics.controls(2);
    scanner =
        new PartitionScanner(
            "test",
            2,
            Duration.ofMillis(20),
            () -> {
              consumersMade.incrementAndGet();
              if (errors.getAndDecrement() > 0) {
                throw new LinkageError("cannot even be loaded");
              }
              return KafkaSettings.open(topics.kafka().consumer("test"));
            });
  }

  @AfterEach
  void close() {
    scanner.close();
    topics.close();
    registry.close();
  }

  @Test
  void readsTheWantedKeysUpToThePresentEnd() {
    write(0, "a", "b", "a", "c");
    write(1, "a");

    ScanRange read = scanner.scan(scan(0, new StartAt.Beginning(), "a", "c")).join();

    assertThat(read).isEqualTo(new ScanRange(0, 4));
    assertThat(seen).containsExactly("a", "a", "c");
  }

  @Test
  void doesNotDecodeOtherKeys() {
    topics.write(topic, 0, "foreign", Controls.foreign());
    registry.goAway();

    assertThat(scanner.scan(scan(0, new StartAt.Beginning(), "a")).join().to()).isEqualTo(1);
  }

  @Test
  void servesThoseWhoWaitForOnePartitionByOnePass() {
    write(0, "a", "b", "c", "d");
    List<CompletableFuture<ScanRange>> scans =
        List.of(
            scanner.scan(scan(0, new StartAt.Beginning(), "a")),
            scanner.scan(scan(0, new StartAt.Offset(2), "b", "c")),
            scanner.scan(scan(0, new StartAt.Offset(3), "d")));

    scans.forEach(CompletableFuture::join);

    assertThat(seen).containsExactly("a", "c", "d");
    assertThat(consumersMade).hasValue(1);
  }

  @Test
  void readsNothingBehindTheEndThatWasAskedFor() {
    write(0, "a", "a", "a");

    ScanRange read =
        scanner
            .scan(
                new ScanSpec<>(
                    partition(0),
                    new StartAt.Offset(1),
                    OptionalLong.of(2),
                    Set.of(),
                    decoder,
                    this::note,
                    LIMIT))
            .join();

    assertThat(read).isEqualTo(new ScanRange(1, 2));
    assertThat(seen).containsExactly("a");
  }

  @Test
  void findsASingleRecordByItsPlace() {
    write(0, "a", "b", "c");
    try (PartitionScanner single = PartitionScanner.ofSingleRecords(topics.kafka(), "single", 1)) {
      single.scan(ScanSpec.at(partition(0), 1, decoder, this::note, LIMIT)).join();
      single.scan(ScanSpec.at(partition(0), 0, decoder, this::note, LIMIT)).join();
    }

    assertThat(seen).containsExactly("b", "a");
  }

  @Test
  void goesOnAfterErrors() {
    write(0, "a");
    // More than there are threads.
    errors.set(5);

    assertThat(scanner.scan(scan(0, new StartAt.Beginning(), "a")).join().to()).isEqualTo(1);
    assertThat(scanner.ready()).isTrue();
  }

  @Test
  void failsTheScanWhoseVisitorThrowsAnErrorAndServesOthers() {
    write(0, "a");
    ScanSpec<Control> broken =
        new ScanSpec<>(
            partition(0),
            new StartAt.Beginning(),
            OptionalLong.empty(),
            Set.of(),
            decoder,
            record -> {
              throw new LinkageError("cannot even be loaded");
            },
            LIMIT);

    assertThatThrownBy(() -> scanner.scan(broken).join()).hasCauseInstanceOf(LinkageError.class);
    assertThat(scanner.scan(scan(0, new StartAt.Beginning(), "a")).join().to()).isEqualTo(1);
  }

  @Test
  void stopsWhenTheVisitorHasWhatItWanted() {
    write(0, "a", "a", "a");

    ScanRange read =
        scanner
            .scan(
                new ScanSpec<>(
                    partition(0),
                    new StartAt.Beginning(),
                    OptionalLong.empty(),
                    Set.of("a"),
                    decoder,
                    record -> {
                      note(record);
                      return false;
                    },
                    LIMIT))
            .join();

    assertThat(read).isEqualTo(new ScanRange(0, 1));
    assertThat(seen).containsExactly("a");
  }

  @Test
  void waitsForARegistryThatIsAwayAndReadsNothingTwice() throws Exception {
    write(0, "a");
    topics.write(topic, 0, "b", Controls.pause(registry, "b"));
    decoder = registry.newcomer().decoder(Control.class);
    decoder.decode("control", Controls.cancel(registry, "a"));
    registry.goAway();
    CompletableFuture<ScanRange> scan =
        scanner.scan(
            new ScanSpec<>(
                partition(0),
                new StartAt.Beginning(),
                OptionalLong.empty(),
                Set.of(),
                decoder,
                this::note,
                LIMIT));
    Thread.sleep(700);
    assertThat(seen).containsExactly("a");
    assertThat(scan).isNotDone();

    registry.comeBack();

    assertThat(scan.join().to()).isEqualTo(2);
    assertThat(seen).containsExactly("a", "unreadable b");
  }

  @Test
  void failsInAWayThatCanBeRetriedWhenItsTimeIsOver() {
    write(0, "a");
    registry.goAway();
    decoder = registry.newcomer().decoder(Control.class);
    ScanSpec<Control> spec =
        new ScanSpec<>(
            partition(0),
            new StartAt.Beginning(),
            OptionalLong.empty(),
            Set.of(),
            decoder,
            this::note,
            Duration.ofMillis(500));

    assertThatThrownBy(() -> scanner.scan(spec).join())
        .hasRootCauseInstanceOf(dev.tokenbus.schemas.serde.SchemaRegistryException.class)
        .hasCauseInstanceOf(TimeoutException.class);

    registry.comeBack();
    assertThat(scanner.scan(spec).join().to()).isEqualTo(1);
  }

  @Test
  void aVisitorThatFailsEndsItsScanAlone() {
    write(0, "a", "b");
    CompletableFuture<ScanRange> failing =
        scanner.scan(
            new ScanSpec<>(
                partition(0),
                new StartAt.Beginning(),
                OptionalLong.empty(),
                Set.of("a"),
                decoder,
                record -> {
                  throw new IllegalStateException("visitor of " + record.source().key());
                },
                LIMIT));
    CompletableFuture<ScanRange> other = scanner.scan(scan(0, new StartAt.Beginning(), "b"));

    assertThat(other.join().to()).isEqualTo(2);
    assertThatThrownBy(failing::join).hasRootCauseMessage("visitor of a");
  }

  @Test
  void closesWithoutServingWhatWaits() {
    CompletableFuture<ScanRange> never =
        scanner.scan(
            new ScanSpec<>(
                partition(0),
                new StartAt.Beginning(),
                OptionalLong.of(1_000),
                Set.of(),
                decoder,
                this::note,
                LIMIT));

    scanner.close();

    assertThatThrownBy(never::join).hasRootCauseMessage("The scanner is closed");
    assertThatThrownBy(() -> scanner.scan(scan(0, new StartAt.Beginning(), "a")).join())
        .hasRootCauseMessage("The scanner is closed");
  }

  private ScanSpec<Control> scan(int partition, StartAt start, String... keys) {
    return new ScanSpec<>(
        partition(partition),
        start,
        OptionalLong.empty(),
        Set.of(keys),
        decoder,
        this::note,
        LIMIT);
  }

  private boolean note(TopicRecord<Control> record) {
    seen.add(
        record instanceof TopicRecord.Unreadable<Control>
            ? "unreadable " + record.source().key()
            : String.valueOf(record.source().key()));
    return true;
  }

  private void write(int partition, String... keys) {
    for (String key : keys) {
      topics.write(topic, partition, key, Controls.cancel(registry, key));
    }
  }

  private TopicPartition partition(int number) {
    return new TopicPartition(topic.name(), number);
  }
}
