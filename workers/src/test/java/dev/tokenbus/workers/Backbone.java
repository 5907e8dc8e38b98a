package dev.tokenbus.workers;

import dev.tokenbus.embedded.BrokerSettings;
import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.FormatEntry;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A broker and everything around a worker: the tests play the router, the catalogue's operator and
 * the reader.
 */
final class Backbone implements AutoCloseable {
  private final FakeRegistry registry = FakeRegistry.start();
  private final EmbeddedBroker broker;
  private final AppContext context;
  private final KafkaProducer<String, SpecificRecord> producer;
  private final Set<String> provisioned = new HashSet<>();
  final TopicTail<Reply> replies;
  final TopicTail<AttemptEvent> attempts;
  final TopicTail<WorkerHeartbeat> heartbeats;

  Backbone(Path directory, Map<String, String> environment) {
    broker = EmbeddedBroker.start(BrokerSettings.in(directory.resolve("kafka")));
    Map<String, String> all = new HashMap<>(environment);
    all.put(Addresses.KAFKA, broker.bootstrapServers());
    all.put(Addresses.REGISTRY, registry.url().toString());
    context = AppContext.open(Addresses.of(all), directory.resolve("state"));
    producer =
        new KafkaProducer<>(
            context.kafka().producer("test", Duration.ZERO, Duration.ofSeconds(30)),
            new StringSerializer(),
            context.schemas().serializer());
    replies = TopicTail.of(context, Topics.REPLIES, Reply.class);
    attempts = TopicTail.of(context, Topics.ATTEMPTS, AttemptEvent.class);
    put(
        CatalogueEntry.newBuilder()
            .setAppliedAt(Instant.now())
            .setEntry(new FormatEntry(Catalogue.FORMAT_OF_0_2))
            .build());
    Awaitility.await()
        .until(() -> context.catalogue().current().formatLevel() == Catalogue.FORMAT_OF_0_2);
    heartbeats = TopicTail.of(context, Topics.WORKERS, WorkerHeartbeat.class);
  }

  FakeRegistry registry() {
    return registry;
  }

  AppContext context() {
    return context;
  }

  WorkerSettings settings(String workerId) {
    return new WorkerSettings(
        workerId,
        Duration.ofNanos(2_500_000),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        2_048);
  }

  WorkerApp worker(String workerId) {
    WorkerApp worker = WorkerApp.start(context, settings(workerId));
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(worker::ready);
    return worker;
  }

  void serve(ProviderEntry provider) {
    CatalogueEntry entry =
        CatalogueEntry.newBuilder().setAppliedAt(Instant.now()).setEntry(provider).build();
    RecordMetadata _ = send(Topics.CATALOGUE.name(), null, Catalogue.keyOf(entry), entry);
    Awaitility.await()
        .until(
            () -> context.catalogue().current().provider(provider.getName()),
            Optional.of(provider)::equals);
  }

  void put(CatalogueEntry entry) {
    RecordMetadata _ = send(Topics.CATALOGUE.name(), null, Catalogue.keyOf(entry), entry);
  }

  /** Writes bytes that are no dispatch. */
  void sendRaw(String topic, byte[] bytes) {
    try (KafkaProducer<String, byte[]> raw =
        new KafkaProducer<>(
            context.kafka().producer("raw", Duration.ZERO, Duration.ofSeconds(30)),
            new StringSerializer(),
            new ByteArraySerializer())) {
      RecordMetadata _ = written(raw.send(new ProducerRecord<>(topic, "key", bytes)));
    }
  }

  ConsumerRecord<String, byte[]> firstDeadLetter() {
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            context.kafka().consumer("dead-letters"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition(Topics.deadLetters("workers"), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          return record;
        }
      }
    }
    throw new AssertionError("no dead letter came");
  }

  void remove(String provider) {
    RecordMetadata _ =
        written(
            producer.send(
                new ProducerRecord<>(Topics.CATALOGUE.name(), "provider/" + provider, null)));
  }

  void dispatch(AttemptDispatched dispatched) {
    Topic topic = Topics.work(dispatched.getProvider(), dispatched.getPriority());
    if (provisioned.add(topic.name())) {
      try (Admin admin = Admin.create(context.kafka().common())) {
        new TopicProvisioner(admin).provision(List.of(topic));
      }
      context.schemas().resolve(List.of(topic));
    }
    sendWork(dispatched);
  }

  /** As {@link #dispatch}, for a topic that is there. */
  void sendWork(AttemptDispatched dispatched) {
    RecordMetadata _ =
        send(
            Topics.work(dispatched.getProvider(), dispatched.getPriority()).name(),
            null,
            dispatched.getRequestId(),
            dispatched);
  }

  void cancel(RequestId request, CancelReason reason, int upToAttempt, @Nullable Long except) {
    RecordMetadata _ =
        send(
            Topics.CONTROL.name(),
            null,
            request.toString(),
            new Control(
                request.toString(),
                "acme",
                Instant.now(),
                new Cancel(reason, upToAttempt, except)));
  }

  void reply(Reply reply) {
    RecordMetadata _ =
        send(
            Topics.REPLIES.name(),
            RequestId.parse(reply.getRequestId()).replyPartition(),
            reply.getRequestId(),
            reply);
  }

  RecordMetadata send(String topic, @Nullable Integer partition, String key, SpecificRecord value) {
    return written(producer.send(new ProducerRecord<>(topic, partition, key, value)));
  }

  /** Forgets everything of a partition up to an offset, as retention does. */
  void forget(TopicPartition partition, long upTo) {
    try (Admin admin = Admin.create(context.kafka().common())) {
      admin
          .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(upTo)))
          .all()
          .get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("not deleted", e);
    }
  }

  private static RecordMetadata written(Future<RecordMetadata> sent) {
    try {
      return sent.get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("not written", e);
    }
  }

  /** What the reader of the request's answer sees. */
  Transcript transcript(RequestId request) {
    return Transcript.of(
        replies.values().stream()
            .filter(reply -> reply.getRequestId().equals(request.toString()))
            .toList());
  }

  /** Waits for the end of the request's attempt. */
  AttemptFinished finished(RequestId request, int attempt) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> end(request, attempt), Optional::isPresent)
        .orElseThrow();
  }

  Optional<AttemptFinished> end(RequestId request, int attempt) {
    return attempts.values().stream()
        .filter(event ->
            event.getRequestId().equals(request.toString())
                && event.getAttempt() == attempt
                && event.getEvent() instanceof AttemptFinished)
        .map(event -> (AttemptFinished) event.getEvent())
        .findFirst();
  }

  @Override
  public void close() {
    replies.close();
    attempts.close();
    heartbeats.close();
    producer.close();
    context.close();
    broker.close();
    registry.close();
  }
}
