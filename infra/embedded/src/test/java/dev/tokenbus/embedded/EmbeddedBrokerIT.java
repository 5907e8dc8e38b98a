package dev.tokenbus.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.embedded.home.LoopbackPorts;
import dev.tokenbus.embedded.home.PortInUseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedBrokerIT {
  private final EmbeddedBroker broker = EmbeddedBroker.startTemporary();
  private final KafkaFixture kafka = new KafkaFixture(broker.bootstrapServers());

  @BeforeAll
  void writesBeforeAnyGroupExists() throws Exception {
    kafka.createTopic("early");
    kafka.produce("early", "one".getBytes(UTF_8), "two".getBytes(UTF_8));
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @Test
  void shareGroupReadsFromTheStartWhenToldSo() throws Exception {
    kafka.alterGroup("pool", "share.auto.offset.reset", "earliest");
    Set<String> seen = new HashSet<>();
    try (KafkaShareConsumer<byte[], String> consumer =
        new KafkaShareConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "pool"),
            Serdes.ByteArray().deserializer(),
            new StringDeserializer())) {
      consumer.subscribe(List.of("early"));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (seen.size() < 2 && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> seen.add(record.value()));
      }
    }
    assertThat(seen).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void shareRecordThatAMemberSitsOnGoesToAnotherWhenItsLockExpires() throws Exception {
    kafka.createTopic("work");
    kafka.alterGroup("workers", "share.auto.offset.reset", "earliest");
    kafka.alterGroup("workers", "share.record.lock.duration.ms", "1000");
    kafka.produce("work", "job".getBytes(UTF_8));
    try (KafkaShareConsumer<byte[], String> sitting = shareConsumer("workers");
        KafkaShareConsumer<byte[], String> other = shareConsumer("workers")) {
      sitting.subscribe(List.of("work"));
      assertThat(pollFor(sitting, "job", Duration.ofSeconds(60)))
          .isTrue(); // and never acknowledges
      other.subscribe(List.of("work"));
      assertThat(pollFor(other, "job", Duration.ofSeconds(60))).isTrue();
    }
  }

  @Test
  void streamsApplicationRunsOnTheStreamsGroupProtocolExactlyOnce(@TempDir Path state)
      throws Exception {
    kafka.createTopic("in");
    kafka.createTopic("out");
    kafka.produce("in", "a".getBytes(UTF_8), "b".getBytes(UTF_8));
    StreamsBuilder builder = new StreamsBuilder();
    builder.<byte[], byte[]>stream("in").to("out");
    try (KafkaStreams streams = new KafkaStreams(builder.build(), streamsProperties(state))) {
      streams.start();
      assertThat(kafka.consume("out", 2))
          .extracting(value -> new String(value, UTF_8))
          .containsExactly("a", "b");
    }
    try (Admin admin = kafka.admin()) {
      assertThat(admin.describeStreamsGroups(List.of("copier")).all().get()).containsKey("copier");
    }
  }

  @Test
  void recordOfTwelveMegabytesPasses() throws Exception {
    byte[] large = new byte[KafkaFixture.LARGE];
    new Random(1).nextBytes(large);
    kafka.createTopic("large");
    kafka.produce("large", large);
    assertThat(kafka.consume("large", 1)).containsExactly(large);
  }

  @Test
  void doesNotCreateTopicsThatNobodyAskedFor() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "max.block.ms", "1500"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>("misspelt", new byte[1])).get())
          .hasMessageContaining("misspelt");
    }
    try (Admin admin = kafka.admin()) {
      assertThat(admin.listTopics().names().get()).doesNotContain("misspelt");
    }
  }

  @Test
  void listensOnLoopbackOnly() throws Exception {
    List<InetAddress> others = new ArrayList<>();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress())
        .forEach(others::add);
    try (Socket loopback = new Socket(InetAddress.ofLiteral("127.0.0.1"), broker.port())) {
      assertThat(loopback.isConnected()).isTrue();
    }
    assertThat(others)
        .allSatisfy(address ->
            assertThatThrownBy(() -> new Socket(address, broker.port()).close())
                .isInstanceOf(IOException.class));
  }

  @Test
  void keepsTopicsRecordsAndClusterIdOverARestartOnAnotherPort(@TempDir Path directory)
      throws Exception {
    String clusterId;
    try (EmbeddedBroker first = EmbeddedBroker.start(BrokerSettings.in(directory))) {
      clusterId = first.clusterId();
      KafkaFixture before = new KafkaFixture(first.bootstrapServers());
      before.createTopic("kept");
      before.produce("kept", "still here".getBytes(UTF_8));
    }
    try (EmbeddedBroker second = EmbeddedBroker.start(BrokerSettings.in(directory))) {
      assertThat(second.clusterId()).isEqualTo(clusterId);
      assertThat(new KafkaFixture(second.bootstrapServers()).consume("kept", 1))
          .extracting(value -> new String(value, UTF_8))
          .containsExactly("still here");
    }
  }

  @Test
  void leavesNoThreadAndNoFileBehind() throws Exception {
    Set<Thread> threadsBefore = liveNonDaemonThreads();
    EmbeddedBroker temporary = EmbeddedBroker.startTemporary();
    Path directory = directoryOf(temporary);
    long started = System.nanoTime();
    temporary.close();
    temporary.close();
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
    assertThat(LoopbackPorts.isFree(temporary.port())).isTrue();
    assertThat(directory).doesNotExist();
    assertThat(liveNonDaemonThreads()).isSubsetOf(threadsBefore);
  }

  @Test
  void namesThePortThatIsTaken(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      BrokerSettings settings = BrokerSettings.in(directory).withPorts(taken.getLocalPort(), 0);
      assertThatThrownBy(() -> EmbeddedBroker.start(settings))
          .isInstanceOf(PortInUseException.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  private static Set<Thread> liveNonDaemonThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(Thread::isDaemon);
    return threads;
  }

  /** Found by its cluster's id: other builds on this machine have temporary brokers, too. */
  private static Path directoryOf(EmbeddedBroker broker) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("tokenbus-broker"))
          .filter(entry -> BrokerStorage.clusterId(entry).equals(Optional.of(broker.clusterId())))
          .findFirst()
          .orElseThrow();
    }
  }

  private KafkaShareConsumer<byte[], String> shareConsumer(String group) {
    return new KafkaShareConsumer<>(
        Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", group),
        Serdes.ByteArray().deserializer(),
        new StringDeserializer());
  }

  private static boolean pollFor(
      KafkaShareConsumer<byte[], String> consumer, String value, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean found = false;
    while (!found && System.nanoTime() < deadline) {
      for (var record : consumer.poll(Duration.ofMillis(200))) {
        found |= record.value().equals(value);
      }
    }
    return found;
  }

  private Properties streamsProperties(Path state) {
    Properties properties = new Properties();
    properties.put("application.id", "copier");
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("group.protocol", "streams");
    properties.put("processing.guarantee", "exactly_once_v2");
    properties.put("state.dir", state.toString());
    properties.put("default.key.serde", Serdes.ByteArraySerde.class.getName());
    properties.put("default.value.serde", Serdes.ByteArraySerde.class.getName());
    return properties;
  }
}
