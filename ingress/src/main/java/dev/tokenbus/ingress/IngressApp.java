package dev.tokenbus.ingress;

import dev.tokenbus.ingress.access.Authentication;
import dev.tokenbus.ingress.access.InFlightLimiter;
import dev.tokenbus.ingress.chat.ChatHandler;
import dev.tokenbus.ingress.chat.ChatResponder;
import dev.tokenbus.ingress.chat.DrainedException;
import dev.tokenbus.ingress.chat.RequestProducer;
import dev.tokenbus.ingress.http.BodyReader;
import dev.tokenbus.ingress.http.Cors;
import dev.tokenbus.ingress.http.ErrorResponder;
import dev.tokenbus.ingress.http.HealthHandler;
import dev.tokenbus.ingress.http.HttpServer;
import dev.tokenbus.ingress.http.ModelsHandler;
import dev.tokenbus.ingress.http.Routes;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.openai.chat.OpenAiChatDialect;
import dev.tokenbus.ingress.replies.live.BrokerWatch;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.ingress.resume.Resumption;
import dev.tokenbus.ingress.resume.StreamHandler;
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
 * The ingress: it appends HTTP requests to {@code requests} and renders records of {@code replies}
 * as responses. Any number of instances runs side by side; each reads one partition of {@code
 * replies}.
 *
 * <p>Thread-safe.
 */
public final class IngressApp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IngressApp.class);
  private static final int LOG_READERS = 2;

  /** How long cut-off requests may take to end. */
  private static final Duration CUT_OFF = Duration.ofSeconds(2);

  private final IngressSettings settings;
  private final InFlightLimiter limiter;
  private final ReplyBridges bridges;
  private final ReplyLog replyLog;
  private final RequestProducer producer;
  private final HealthHandler health;
  private final HttpServer http;

  private IngressApp(
      IngressSettings settings,
      InFlightLimiter limiter,
      ReplyBridges bridges,
      ReplyLog replyLog,
      RequestProducer producer,
      HealthHandler health,
      HttpServer http) {
    this.settings = settings;
    this.limiter = limiter;
    this.bridges = bridges;
    this.replyLog = replyLog;
    this.producer = producer;
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
    ReplyLog replyLog = new ReplyLog(kafka.consumer("ingress-reply-log"), decoder, LOG_READERS);
    RequestProducer producer = new RequestProducer(kafka, context.schemas(), context.clock());
    try {
      IngressApp app = serve(context, settings, bridges, replyLog, producer);
      LOG.atInfo()
          .addKeyValue("url", app.url())
          .addKeyValue("instance", settings.instanceId())
          .addKeyValue("reply_partition", bridges.own().partition())
          .log("ingress started");
      return app;
    } catch (RuntimeException e) {
      producer.close();
      replyLog.close();
      bridges.close();
      throw e;
    }
  }

  private static IngressApp serve(
      AppContext context,
      IngressSettings settings,
      ReplyBridges bridges,
      ReplyLog replyLog,
      RequestProducer producer) {
    Supplier<Catalogue> catalogue = context.catalogue()::current;
    Dialect dialect = new OpenAiChatDialect();
    InFlightLimiter limiter = new InFlightLimiter(settings.maxInFlight());
    BrokerWatch broker = new BrokerWatch(bridges.own());
    HealthHandler health = new HealthHandler(broker, limiter);
    Routes routes =
        new Routes(
            context.clock(),
            new Cors(settings.allowedOrigins()),
            new Authentication(catalogue),
            new ErrorResponder(dialect));
    ChatResponder responder = new ChatResponder(settings.response());
    Resumption resumption =
        new Resumption(
            Map.of(dialect.protocol(), dialect),
            settings.response(),
            context.clock(),
            broker,
            bridges,
            replyLog,
            responder);
    ChatHandler chat =
        new ChatHandler(
            dialect,
            settings.response(),
            catalogue,
            context.clock(),
            limiter,
            new BodyReader(settings.maxBodyBytes(), Runtime.getRuntime().maxMemory()),
            broker,
            producer,
            bridges,
            replyLog,
            responder,
            (earlier, http) -> resumption.respond(earlier, null, http));
    HttpServer http =
        HttpServer.start(
            settings.host(),
            settings.port(),
            settings.linger(),
            config ->
                routes.register(
                    config.routes,
                    chat,
                    new StreamHandler(limiter, resumption),
                    new ModelsHandler(catalogue),
                    health));
    return new IngressApp(settings, limiter, bridges, replyLog, producer, health, http);
  }

  /** The base URL for a client on the same machine. */
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
   * Drains: refuses new requests, lets those in flight finish within {@link IngressSettings#drain},
   * then cuts off the rest. The router and the workers complete accepted requests without this
   * instance.
   */
  @Override
  public void close() {
    http.drain();
    limiter.close();
    try {
      if (!limiter.awaitIdle(settings.drain())) {
        LOG.atInfo().addKeyValue("in_flight", limiter.inFlight()).log("ingress cuts off streams");
        bridges.failAll(new DrainedException());
        limiter.awaitIdle(CUT_OFF);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
    producer.close();
    replyLog.close();
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
