package dev.tokenbus.router;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.lifecycle.Closing;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** A broker, a registry, and a client's access to both. */
final class Backbone implements AutoCloseable {
  private final Closing parts = new Closing();
  final Map<String, String> environment;
  final RegistryFixture registry;
  final AppContext context;
  private final KafkaProducer<String, SpecificRecord> producer;

  private Backbone(Path state) throws IOException {
    EmbeddedBroker broker = parts.add(EmbeddedBroker.startTemporary());
    registry = parts.add(RegistryFixture.start());
    environment =
        Map.of(Addresses.KAFKA, broker.bootstrapServers(), Addresses.REGISTRY, registry.url());
    context = parts.add(AppContext.open(Addresses.of(environment), state));
    producer =
        parts.add(
            new KafkaProducer<>(
                context.kafka().producer("test", Duration.ZERO, Duration.ofSeconds(20)),
                new StringSerializer(),
                context.schemas().serializer()));
  }

  /** With the providers and models of {@link Samples}. */
  static Backbone start(Path state) throws Exception {
    Backbone backbone = new Backbone(state);
    backbone.serve("east");
    backbone.serve("west");
    backbone.catalogue(
        Samples.model(Samples.MODEL, Samples.route("east", "big"), Samples.route("west", "large")));
    backbone.catalogue(Samples.model(Samples.SINGLE, Samples.route("east", "small")));
    return backbone;
  }

  void serve(String provider) throws Exception {
    catalogue(Samples.provider(provider));
  }

  void catalogue(Object entry) throws Exception {
    CatalogueEntry wrapped = Samples.entry(entry);
    send(Topics.CATALOGUE.name(), Catalogue.keyOf(wrapped), wrapped);
  }

  void accept(RequestAccepted request) throws Exception {
    send(Topics.REQUESTS.name(), request.getTenant(), request);
  }

  void acceptWithoutWaiting(RequestAccepted request) {
    Future<RecordMetadata> _ =
        producer.send(new ProducerRecord<>(Topics.REQUESTS.name(), request.getTenant(), request));
  }

  void report(AttemptEvent event) throws Exception {
    send(Topics.ATTEMPTS.name(), event.getTenant(), event);
  }

  void reply(Reply reply) throws Exception {
    producer
        .send(
            new ProducerRecord<>(
                Topics.REPLIES.name(),
                RequestId.parse(reply.getRequestId()).replyPartition(),
                reply.getRequestId(),
                reply))
        .get();
  }

  void beat(WorkerHeartbeat heartbeat) throws Exception {
    send(Topics.WORKERS.name(), heartbeat.getWorkerId(), heartbeat);
  }

  void send(String topic, String key, SpecificRecord value)
      throws InterruptedException, ExecutionException {
    producer.send(new ProducerRecord<>(topic, key, value)).get();
  }

  <T extends SpecificRecord> TopicReader<T> read(String topic, Class<T> type) {
    return parts.add(new TopicReader<>(context, topic, type));
  }

  /** How the request has ended, by the first record that says so. */
  RequestFinished outcome(RequestId id) {
    return read(Topics.OUTCOMES.name(), RequestFinished.class)
        .until(all -> all.stream().anyMatch(o -> o.getRequestId().equals(id.toString())))
        .stream()
        .filter(o -> o.getRequestId().equals(id.toString()))
        .findFirst()
        .orElseThrow();
  }

  /** The first dispatch of the request. */
  AttemptDispatched work(String topic, RequestId id) {
    return read(topic, AttemptDispatched.class)
        .until(all -> all.stream().anyMatch(w -> w.getRequestId().equals(id.toString())))
        .stream()
        .filter(w -> w.getRequestId().equals(id.toString()))
        .findFirst()
        .orElseThrow();
  }

  /** Starts one of the apps as a process of its own, to be killed. */
  Process process(Class<?> app, Path state) throws IOException {
    return process(app, state, Map.of());
  }

  /** The same with settings of the app. */
  Process process(Class<?> app, Path state, Map<String, String> settings) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            AppProcess.class.getName(),
            app.getSimpleName(),
            state.toString());
    builder.environment().putAll(environment);
    builder.environment().putAll(settings);
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    parts.add(process::destroyForcibly);
    return process;
  }

  static void kill(@Nullable Process process) throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
