package dev.tokenbus.ingress;

import static org.awaitility.Awaitility.await;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.openai.chat.OpenAiChatDialect;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.KeyHash;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.FormatEntry;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.LogReference;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.avro.TenantEntry;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * An ingress on a real broker, with a catalogue of its own and a router that does as the test says.
 */
final class Backbone implements AutoCloseable {
  static final String KEY = "tb_" + "1".repeat(64);
  static final String CANCELLING_KEY = "tb_" + "2".repeat(64);
  static final String OTHER_TENANTS_KEY = "tb_" + "3".repeat(64);
  static final String EXPIRED_KEY = "tb_" + "4".repeat(64);

  /** Of the models it may use only those whose names begin with {@code org/}. */
  static final String LIMITED_KEY = "tb_" + "5".repeat(64);

  static final String MODEL = "gpt-test";

  private final AppContext context;
  private final FakeRouter router;
  private final IngressApp ingress;

  private Backbone(AppContext context, FakeRouter router, IngressApp ingress) {
    this.context = context;
    this.router = router;
    this.ingress = ingress;
  }

  /** Starts both; the environment is name, value, name, value … */
  static Backbone start(String bootstrapServers, String registryUrl, String... environment)
      throws Exception {
    return start(List.of(new OpenAiChatDialect()), bootstrapServers, registryUrl, environment);
  }

  /** As {@link #start(String, String, String...)}, with dialects of the test's choice. */
  static Backbone start(
      List<Dialect> dialects, String bootstrapServers, String registryUrl, String... environment)
      throws Exception {
    Map<String, String> variables = new HashMap<>();
    variables.put(Addresses.KAFKA, bootstrapServers);
    variables.put(Addresses.REGISTRY, registryUrl);
    variables.put("TOKENBUS_PORT", "0");
    variables.put("TOKENBUS_LINGER_MS", "200");
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    AppContext context = AppContext.open(Addresses.of(variables), Path.of("target"));
    publish(
        context,
        tenant("acme"),
        key("acme", "web", KEY, null),
        key("acme", "app", CANCELLING_KEY, "cancel"),
        ApiKeyEntry.newBuilder(key("acme", "old", EXPIRED_KEY, null))
            .setExpiresAt(Instant.now().minusSeconds(1))
            .build(),
        ApiKeyEntry.newBuilder(key("acme", "limited", LIMITED_KEY, null))
            .setExpiresAt(Instant.now().plusSeconds(3_600))
            .setModels(List.of("org/*"))
            .build(),
        tenant("globex"),
        key("globex", "web", OTHER_TENANTS_KEY, null),
        model(MODEL),
        model("org/model-1"),
        new FormatEntry(Catalogue.FORMAT_OF_0_2));
    FakeRouter router = new FakeRouter(context.kafka(), context.schemas());
    IngressApp ingress =
        IngressApp.start(context, IngressSettings.from(context.addresses()), dialects);
    await().until(ingress::ready);
    await().until(() -> context.catalogue().current().model("org/model-1").isPresent());
    await().until(() -> context.catalogue().current().formatLevel() == Catalogue.FORMAT_OF_0_2);
    return new Backbone(context, router, ingress);
  }

  /** A second instance beside the first, under another name; to be closed before this. */
  IngressApp startAnother(String instanceId) {
    Map<String, String> variables = new HashMap<>(context.addresses().asMap());
    variables.put("TOKENBUS_INSTANCE_ID", instanceId);
    IngressApp another = IngressApp.start(context, IngressSettings.from(Addresses.of(variables)));
    await().until(another::ready);
    return another;
  }

  private static TenantEntry tenant(String name) {
    return TenantEntry.newBuilder().setName(name).setClientGone("continue").build();
  }

  private static ApiKeyEntry key(
      String tenant, String name, String key, @Nullable String clientGone) {
    return ApiKeyEntry.newBuilder()
        .setTenant(tenant)
        .setName(name)
        .setSha256(KeyHash.sha256(key))
        .setClientGone(clientGone)
        .build();
  }

  private static ModelEntry model(String name) {
    return ModelEntry.newBuilder()
        .setName(name)
        .setRoutes(List.of(new ModelRoute("mock", name, 1)))
        .setCapabilities(List.of())
        .setCreated(Instant.ofEpochSecond(1_700_000_000))
        .build();
  }

  /** Publishes what level of format the apps write, and waits until the ingress knows. */
  void writesAtLevel(int level) {
    publish(context, new FormatEntry(level));
    await().until(() -> context.catalogue().current().formatLevel() == level);
  }

  static void publish(AppContext context, Object... entries) {
    try (KafkaProducer<String, CatalogueEntry> producer =
        new KafkaProducer<>(
            context.kafka().producer("test", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            context.schemas().serializer())) {
      for (Object entry : entries) {
        CatalogueEntry value = new CatalogueEntry(Instant.now(), entry, "file");
        var _ =
            producer.send(
                new ProducerRecord<>(Topics.CATALOGUE.name(), Catalogue.keyOf(value), value));
      }
      producer.flush();
    }
  }

  FakeRouter router() {
    return router;
  }

  IngressApp ingress() {
    return ingress;
  }

  AppContext context() {
    return context;
  }

  KafkaSettings kafka() {
    return context.kafka();
  }

  /** The body of an accepted request, which is in its record or on the topic of bodies. */
  ChatRequest chat(RequestAccepted request) {
    byte[] encoded =
        switch (request.getContent()) {
          case InlineBody inline -> inline.getData().array();
          case BodyReference reference -> bytesAt(reference.getAt());
          case null, default -> throw new AssertionError("No body: " + request.getContent());
        };
    RequestBody body =
        context
            .schemas()
            .deserializer(RequestBody.class)
            .deserialize(Topics.BODIES.name(), encoded);
    return (ChatRequest) body.getContent();
  }

  private byte[] bytesAt(LogReference at) {
    TopicPartition partition = new TopicPartition(at.getTopic(), at.getPartition());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka().consumer("test-bodies"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, at.getOffset());
      return await()
          .until(() -> consumer.poll(Duration.ofMillis(100)), records -> !records.isEmpty())
          .records(partition)
          .getFirst()
          .value();
    }
  }

  Client client() {
    return new Client(ingress.url(), KEY);
  }

  Client client(String key) {
    return new Client(ingress.url(), key);
  }

  @Override
  public void close() {
    ingress.close();
    router.close();
    context.close();
  }
}
