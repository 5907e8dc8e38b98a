package dev.tokenbus.router;

import dev.tokenbus.router.cluster.ObservedCluster;
import dev.tokenbus.router.cluster.WorkTopics;
import dev.tokenbus.router.cluster.WorkerDirectory;
import dev.tokenbus.router.cluster.WorkerFollower;
import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.processing.RequestProcessor;
import dev.tokenbus.router.processing.RouterTopology;
import dev.tokenbus.router.replay.FinalReplyReader;
import dev.tokenbus.router.replay.FinalReplySource;
import dev.tokenbus.router.replay.RequestBodyReader;
import dev.tokenbus.router.replay.RequestBodySource;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.streams.InstanceDirectory;
import dev.tokenbus.router.streams.StreamsRun;
import dev.tokenbus.router.streams.StreamsSettings;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/**
 * Admits requests, dispatches their attempts to workers, supervises them, and publishes how they
 * ended. Any number of instances share the tenants; when one dies, the others take its tasks as
 * soon as its session times out.
 *
 * <p>It processes at least once: after a crash up to a commit interval of records is processed
 * again, with the same decisions.
 *
 * <p>Thread-safe.
 */
public final class RouterApp implements AutoCloseable {
  /**
   * It changes with the topology, because the streams group protocol of Kafka 4.3 refuses a changed
   * one. The second topology has the store of idempotency keys.
   */
  static final String APPLICATION_ID = "tokenbus-router-2";

  private static final String NAME = "router";

  private final StreamsRun streams;
  private final WorkerFollower workers;
  private final Deque<AutoCloseable> parts;

  private RouterApp(StreamsRun streams, WorkerFollower workers, Deque<AutoCloseable> parts) {
    this.streams = streams;
    this.workers = workers;
    this.parts = parts;
  }

  /**
   * Returns when the application is started; {@link #ready} tells when it has its tasks.
   *
   * @param context shared with other apps of the process; stays open when this app is closed
   * @throws IllegalStateException if the broker does not answer
   */
  public static RouterApp start(AppContext context, RouterSettings settings) {
    try (Admin admin = Admin.create(context.kafka().common())) {
      new TopicProvisioner(admin).provisionDeadLetters(NAME);
    }
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    InstanceDirectory directory = InstanceDirectory.claim(context.stateDirectory().resolve(NAME));
    parts.push(directory);
    WorkTopics workTopics = new WorkTopics(context.kafka(), context.schemas());
    parts.push(workTopics);
    context.catalogue().onChange(workTopics::follow);
    WorkerDirectory workers =
        new WorkerDirectory(
            settings.workerSilence(),
            settings.workerSilenceBesideOthers(),
            context.clock().instant());
    WorkerFollower follower =
        WorkerFollower.start(context.kafka(), context.schemas(), workers, context.clock());
    parts.push(follower);
    RequestBodyReader bodies = new RequestBodyReader(context.kafka(), context.schemas());
    parts.push(bodies);
    FinalReplyReader replies = FinalReplyReader.start(context.kafka(), context.schemas());
    parts.push(replies);
    ClusterView cluster =
        new ObservedCluster(context.catalogue()::current, workTopics::ready, workers);
    StreamsRun streams =
        StreamsRun.start(
            topology(context, settings, cluster, bodies, replies),
            properties(context, settings, directory));
    parts.push(streams);
    return new RouterApp(streams, follower, parts);
  }

  /** Whether its share of the tenants is assigned and restored, and heartbeats are followed. */
  public boolean ready() {
    return streams.ready() && workers.running();
  }

  /** Commits the processed records and leaves the group. */
  @Override
  public void close() {
    PartCloser.closeAll(parts);
  }

  private static Topology topology(
      AppContext context,
      RouterSettings settings,
      ClusterView cluster,
      RequestBodySource bodies,
      FinalReplySource replies) {
    RequestLifecycle lifecycle = new RequestLifecycle(settings.policy(), cluster);
    StateCodec codec =
        new StateCodec(
            context.schemas().serde(RequestFinished.class), context.schemas().serde(Reply.class));
    return RouterTopology.build(
        context.schemas(),
        () ->
            new RequestProcessor(
                lifecycle, cluster, bodies, replies, codec, settings.startGrace()));
  }

  private static Properties properties(
      AppContext context, RouterSettings settings, InstanceDirectory directory) {
    Properties properties = StreamsSettings.common(context.kafka(), APPLICATION_ID, directory);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitInterval().toMillis());
    properties.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, Topics.deadLetters(NAME));
    // Kafka Streams overrides it to 100 ms otherwise.
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    // Bounds memory: a hundred requests of 10 MB each.
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 100);
    properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 100);
    return properties;
  }
}
