package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.openai.OpenAiDialect;
import dev.tokenbus.ingress.replies.ReplyBridges;
import dev.tokenbus.ingress.replies.ReplyLog;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door: HTTP requests become records of {@code requests}, records of {@code replies} become
 * answers. Any number of instances runs side by side; each reads one partition of {@code replies}.
 *
 * <p>Thread-safe.
 */
public final class IngressApp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IngressApp.class);
  private static final int LOG_READERS = 2;

  /** How long requests that have been cut off may take to notice. */
  private static final Duration CUT_OFF = Duration.ofSeconds(2);

  private final IngressSettings settings;
  private final Gate gate;
  private final ReplyBridges bridges;
  private final ReplyLog log;
  private final RequestLog requests;
  private final HealthHandler health;
  private final HttpServer http;

  private IngressApp(
      IngressSettings settings,
      Gate gate,
      ReplyBridges bridges,
      ReplyLog log,
      RequestLog requests,
      HealthHandler health,
      HttpServer http) {
    this.settings = settings;
    this.gate = gate;
    this.bridges = bridges;
    this.log = log;
    this.requests = requests;
    this.health = health;
    this.http = http;
  }

  /**
   * Starts serving. Requests are refused with 503 until {@link #ready()}.
   *
   * @throws io.javalin.util.JavalinBindException if the port is taken
   */
  public static IngressApp start(AppContext context, IngressSettings settings) {
    KafkaSettings kafka = context.kafka();
    Deserializer<Reply> decoder = context.schemas().deserializer(Reply.class);
    int partitions = replyPartitions(kafka);
    ReplyBridges bridges =
        ReplyBridges.start(
            () -> kafka.consumer("ingress-replies"),
            decoder,
            partition(partitions, settings.instanceId()),
            partitions);
    ReplyLog log = new ReplyLog(kafka.consumer("ingress-reply-log"), decoder, LOG_READERS);
    RequestLog requests = new RequestLog(kafka, context.schemas(), context.clock());
    try {
      IngressApp app = serve(context, settings, bridges, log, requests);
      LOG.atInfo()
          .addKeyValue("url", app.url())
          .addKeyValue("instance", settings.instanceId())
          .addKeyValue("reply_partition", bridges.own().partition())
          .log("ingress started");
      return app;
    } catch (RuntimeException e) {
      requests.close();
      log.close();
      bridges.close();
      throw e;
    }
  }

  private static IngressApp serve(
      AppContext context,
      IngressSettings settings,
      ReplyBridges bridges,
      ReplyLog log,
      RequestLog requests) {
    Supplier<Catalogue> catalogue = context.catalogue()::current;
    Dialect dialect = new OpenAiDialect();
    Gate gate = new Gate(settings.maxInFlight());
    BrokerWatch broker = new BrokerWatch(bridges.own());
    HealthHandler health = new HealthHandler(broker, gate);
    Routes routes =
        new Routes(
            context.clock(),
            new Cors(settings.allowedOrigins()),
            new Authentication(catalogue),
            new Failures(dialect));
    Answers answers = new Answers(settings);
    Resumption resumption =
        new Resumption(
            Map.of(dialect.protocol(), dialect),
            settings,
            context.clock(),
            broker,
            bridges,
            log,
            answers);
    ChatHandler chat =
        new ChatHandler(
            dialect,
            settings,
            catalogue,
            context.clock(),
            gate,
            new BodyReader(settings.maxBodyBytes(), Runtime.getRuntime().maxMemory()),
            broker,
            requests,
            bridges,
            log,
            answers,
            resumption);
    HttpServer http =
        HttpServer.start(
            settings.host(),
            settings.port(),
            settings.linger(),
            config ->
                routes.register(
                    config.routes,
                    chat,
                    new StreamHandler(gate, resumption),
                    new ModelsHandler(catalogue),
                    health));
    return new IngressApp(settings, gate, bridges, log, requests, health, http);
  }

  /** Where it is reached, for a client on the same machine. */
  public URI url() {
    return URI.create("http://" + settings.host() + ":" + http.port());
  }

  public int port() {
    return http.port();
  }

  public boolean ready() {
    return health.ready();
  }

  /**
   * Drains: turns new requests away, lets those in flight finish within the limit of the settings,
   * then cuts the rest off. What was accepted goes on without this instance.
   */
  @Override
  public void close() {
    http.drain();
    gate.close();
    try {
      if (!gate.awaitEmpty(settings.drain())) {
        LOG.atInfo().addKeyValue("in_flight", gate.inFlight()).log("ingress cuts off streams");
        bridges.failAll(new DrainedException());
        gate.awaitEmpty(CUT_OFF);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
    requests.close();
    log.close();
    bridges.close();
    LOG.atInfo().log("ingress stopped");
  }

  private static int replyPartitions(KafkaSettings kafka) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            kafka.consumer("ingress-partitions"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      int partitions = consumer.partitionsFor(Topics.REPLIES.name()).size();
      return Math.min(partitions, RequestId.MAX_REPLY_PARTITIONS);
    }
  }

  private static int partition(int partitions, String instanceId) {
    CRC32 hash = new CRC32();
    hash.update(instanceId.getBytes(StandardCharsets.UTF_8));
    return (int) (hash.getValue() % partitions);
  }
}
