package dev.tokenbus.runtime.requests;

import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicFollower;
import dev.tokenbus.runtime.kafka.TopicListener;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyReference;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes requests to the log and awaits their answers, for apps that need a model themselves. What
 * it does is what an ingress does for an HTTP client: the request is acknowledged by all replicas,
 * routed, billed and answered like any other.
 *
 * <p>It follows one partition of {@code replies} from the end it has at the start, and the ids it
 * gives out name that partition. Thread-safe.
 */
public final class RequestClient implements AutoCloseable {
  /** A request is answered by its deadline; the answer needs a moment to arrive. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Duration DELIVERY = Duration.ofSeconds(30);
  private static final Duration TICK = Duration.ofMillis(250);

  private final InstantSource clock;
  private final RandomGenerator random;
  private final int partition;
  private final Producer<String, RequestAccepted> producer;
  private final Map<String, AwaitedRequest> awaited = new ConcurrentHashMap<>();
  private final BodyWriter bodies;
  private final EarlierAnswers earlier;
  private final TopicFollower<Reply> follower;

  private RequestClient(
      String name,
      KafkaSettings kafka,
      TopicSchemas schemas,
      InstantSource clock,
      RandomGenerator random,
      int partition) {
    this.clock = clock;
    this.random = random;
    this.partition = partition;
    producer =
        new KafkaProducer<>(
            kafka.producer(name, Duration.ZERO, DELIVERY),
            new StringSerializer(),
            schemas.serializer());
    bodies = new BodyWriter(kafka, name + "-bodies");
    RecordDecoder<Reply> decoder = schemas.decoder(Reply.class).withHeader(ReplyHeader.class);
    earlier = new EarlierAnswers(name, kafka, decoder);
    follower =
        TopicFollower.start(
            kafka,
            Follow.of(name + "-replies", Topics.REPLIES, new StartAt.End(), decoder, new Replies())
                .onPartition(partition)
                .withTick(TICK));
  }

  /**
   * Starts a client on a reply partition that is drawn by lot; those on one partition each ignore
   * what is not theirs. Requests may be submitted once it is {@link #ready}.
   *
   * @param name of its thread and its Kafka clients
   * @param random draws ids and the partition
   */
  public static RequestClient start(
      String name,
      KafkaSettings kafka,
      TopicSchemas schemas,
      InstantSource clock,
      RandomGenerator random) {
    int partitions;
    try (KafkaConsumer<String, byte[]> consumer =
        KafkaSettings.open(kafka.consumer(name + "-partitions"))) {
      partitions = consumer.partitionsFor(Topics.REPLIES.name()).size();
    }
    int most = Math.min(partitions, RequestId.MAX_REPLY_PARTITIONS);
    return new RequestClient(name, kafka, schemas, clock, random, random.nextInt(most));
  }

  /** Whether every reply from now on will be seen. */
  public boolean ready() {
    return follower.ready();
  }

  /** An id for a request that is to be submitted here. */
  public RequestId newId() {
    return RequestId.of(clock.instant(), partition, random);
  }

  /**
   * Writes the request and awaits its answer. An inline body that is too large for the request's
   * record is written to {@code bodies} first; the calling thread waits for that.
   *
   * @param request with an id of {@link #newId}
   * @param visible takes the request's visible replies in log order, the last one included, on a
   *     thread of the client; it must not block. What it throws ends the wait. Of a request that
   *     repeats an earlier one under its idempotency key, it takes the earlier one's replies, from
   *     the first on
   * @return the last reply: completed, failed or rejected; of the earlier request, where this one
   *     repeats it. Completes exceptionally if the request could not be written, if a reply cannot
   *     be read by this version ({@link UnreadableReplyException}), or if no answer has come by the
   *     request's deadline ({@link TimeoutException}); in all but the first case the request goes
   *     on and is billed
   * @throws IllegalStateException if the client is not ready
   * @throws IllegalArgumentException if the id is not this client's
   */
  public CompletableFuture<Reply> submit(RequestAccepted request, Consumer<Reply> visible)
      throws InterruptedException {
    if (!ready()) {
      throw new IllegalStateException("The request client cannot see replies at present");
    }
    RequestId id = RequestId.parse(request.getRequestId());
    if (id.replyPartition() != partition) {
      throw new IllegalArgumentException(
          "Request " + id + " is answered on partition " + id.replyPartition() + ", not here");
    }
    Duration limit = Duration.between(clock.instant(), request.getDeadline()).plus(GRACE);
    AwaitedRequest waiting = new AwaitedRequest(visible, earlier::follow);
    awaited.put(id.toString(), waiting);
    CompletableFuture<Reply> answer =
        waiting
            .last()
            .orTimeout(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)
            .whenComplete((_, _) -> awaited.remove(id.toString()));
    try {
      send(withSmallBody(id, request, limit), waiting);
    } catch (ExecutionException e) {
      waiting.last().completeExceptionally(e.getCause());
    } catch (TimeoutException e) {
      waiting.last().completeExceptionally(e);
    } catch (InterruptedException e) {
      waiting.last().completeExceptionally(e);
      throw e;
    }
    return answer;
  }

  /** The request as it is, or with a reference to its large body, which is on the log then. */
  private RequestAccepted withSmallBody(RequestId id, RequestAccepted request, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!(request.getContent() instanceof InlineBody inline)
        || inline.getData().remaining() <= Topics.INLINE_BODY_BYTES) {
      return request;
    }
    byte[] body = new byte[inline.getData().remaining()];
    inline.getData().duplicate().get(body);
    BodyReference reference = bodies.write(id, body, patience).get();
    return RequestAccepted.newBuilder(request).setContent(reference).build();
  }

  private void send(RequestAccepted request, AwaitedRequest waiting) {
    try {
      Future<RecordMetadata> _ =
          producer.send(
              new ProducerRecord<>(Topics.REQUESTS.name(), keyOf(request), request),
              (_, problem) -> {
                if (problem != null) {
                  waiting.last().completeExceptionally(problem);
                }
              });
    } catch (RuntimeException e) {
      waiting.last().completeExceptionally(e);
    }
  }

  private static String keyOf(RequestAccepted request) {
    return request.getLane() == null ? request.getTenant() : request.getLane();
  }

  /** Answers that are still awaited end exceptionally; their requests go on. */
  @Override
  public void close() {
    follower.close();
    earlier.close();
    bodies.close();
    producer.close(GRACE);
    awaited
        .values()
        .forEach(waiting ->
            waiting
                .last()
                .completeExceptionally(new IllegalStateException("The client is closed")));
  }

  private final class Replies implements TopicListener<Reply> {
    @Override
    public boolean wants(@Nullable String key) {
      return key != null && awaited.containsKey(key);
    }

    @Override
    public void take(TopicRecord<Reply> record) {
      AwaitedRequest waiting = awaited.get(record.source().key());
      if (waiting != null) {
        waiting.take(record);
      }
    }
  }
}
