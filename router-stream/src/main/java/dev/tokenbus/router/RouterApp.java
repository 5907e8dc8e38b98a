package dev.tokenbus.router;

import dev.tokenbus.router.cluster.CancelFeed;
import dev.tokenbus.router.cluster.CommandListener;
import dev.tokenbus.router.cluster.ObservedCluster;
import dev.tokenbus.router.cluster.WorkTopics;
import dev.tokenbus.router.cluster.WorkerDirectory;
import dev.tokenbus.router.cluster.WorkerListener;
import dev.tokenbus.router.inbound.RequestReader;
import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.processing.RequestProcessor;
import dev.tokenbus.router.processing.RouterParts;
import dev.tokenbus.router.processing.RouterTopology;
import dev.tokenbus.router.replay.FinalReplyReader;
import dev.tokenbus.router.replay.FinalReplySource;
import dev.tokenbus.router.store.StateCodec;
import dev.tokenbus.router.streams.CoPartitioning;
import dev.tokenbus.router.streams.DeferredStreams;
import dev.tokenbus.router.streams.InstanceDirectory;
import dev.tokenbus.router.streams.RestoreLog;
import dev.tokenbus.router.streams.SmallRocksDb;
import dev.tokenbus.router.streams.StandbyReplicas;
import dev.tokenbus.router.streams.StandstillWatch;
import dev.tokenbus.router.streams.StreamsRun;
import dev.tokenbus.router.streams.StreamsSettings;
import dev.tokenbus.router.transfer.Application;
import dev.tokenbus.router.transfer.PredecessorBar;
import dev.tokenbus.router.transfer.StateImport;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.kafka.TopicFollower;
import dev.tokenbus.runtime.lifecycle.Closing;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.util.List;
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
   * one. The third topology has one store.
   */
  static final String APPLICATION_ID = "tokenbus-router-3";

  /** The application id of 0.1.0, whose state is taken over. */
  static final String PREDECESSOR = "tokenbus-router-2";

  /** The application as its state is exported and imported. */
  public static final Application APPLICATION =
      new Application(
          APPLICATION_ID, RouterTopology.STORE, Topics.REQUESTS.name(), RouterTopology.CHANGELOG);

  private static final String NAME = "router";

  private final DeferredStreams streams;
  private final TopicFollower<?> workers;
  private final TopicFollower<?> commands;
  private final Closing parts;

  private RouterApp(
      DeferredStreams streams, TopicFollower<?> workers, TopicFollower<?> commands, Closing parts) {
    this.streams = streams;
    this.workers = workers;
    this.commands = commands;
    this.parts = parts;
  }

  /**
   * Returns when the application is started; {@link #ready} tells when it has its tasks.
   *
   * @param context shared with other apps of the process; stays open when this app is closed
   * @throws IllegalStateException if the broker does not answer, or {@code requests}, {@code
   *     attempts} and {@code outcomes} have different numbers of partitions
   */
  public static RouterApp start(AppContext context, RouterSettings settings) {
    return start(context, settings, new RestoreLog());
  }

  /**
   * As {@link #start(AppContext, RouterSettings)}.
   *
   * @param restores is told of the restorations of its tasks
   */
  static RouterApp start(AppContext context, RouterSettings settings, RestoreLog restores) {
    try (Admin admin = Admin.create(context.kafka().common())) {
      new TopicProvisioner(admin).provisionDeadLetters(NAME);
      CoPartitioning.require(admin, List.of(Topics.REQUESTS, Topics.ATTEMPTS, Topics.OUTCOMES));
      boolean _ = StandbyReplicas.set(admin, APPLICATION_ID, settings.standbys());
    }
    Closing parts = new Closing();
    InstanceDirectory directory =
        parts.add(InstanceDirectory.claim(context.stateDirectory().resolve(NAME)));
    WorkTopics workTopics = parts.add(new WorkTopics(context.kafka(), context.schemas()));
    context.catalogue().onChange(workTopics::follow);
    WorkerDirectory workers =
        new WorkerDirectory(
            settings.workerSilence(),
            settings.workerSilenceBesideOthers(),
            context.clock().instant());
    TopicFollower<WorkerHeartbeat> heartbeats =
        parts.add(
            TopicFollower.start(
                context.kafka(),
                WorkerListener.follow(context.schemas(), workers, context.clock())));
    CancelFeed cancels = new CancelFeed(context.clock());
    TopicFollower<Control> commands =
        parts.add(
            TopicFollower.start(
                context.kafka(), CommandListener.follow(context.schemas(), cancels)));
    FinalReplyReader replies =
        parts.add(FinalReplyReader.start(context.kafka(), context.schemas()));
    ClusterView cluster =
        new ObservedCluster(context.catalogue()::current, workTopics::ready, workers);
    StandstillWatch standstills = parts.add(StandstillWatch.start());
    PredecessorBar bar = parts.add(new PredecessorBar(context.kafka(), PREDECESSOR));
    StateImport state =
        new StateImport(
            context.kafka(), APPLICATION, PREDECESSOR, bar, new RequestReader(context.schemas()));
    DeferredStreams streams =
        parts.add(
            DeferredStreams.start(
                state::await,
                () ->
                    StreamsRun.start(
                        topology(context, settings, cluster, cancels, replies, standstills),
                        properties(context, settings, directory),
                        restores)));
    return new RouterApp(streams, heartbeats, commands, parts);
  }

  /**
   * Whether its share of the tenants is assigned and restored, and heartbeats and commands are
   * followed.
   */
  public boolean ready() {
    return streams.ready() && workers.ready() && commands.ready();
  }

  /** Commits the processed records and leaves the group. */
  @Override
  public void close() {
    parts.close();
  }

  private static Topology topology(
      AppContext context,
      RouterSettings settings,
      ClusterView cluster,
      CancelFeed cancels,
      FinalReplySource replies,
      StandstillWatch standstills) {
    RequestLifecycle lifecycle = new RequestLifecycle(settings.policy(), cluster);
    StateCodec codec =
        new StateCodec(
            context.schemas().serde(RequestFinished.class), context.schemas().serde(Reply.class));
    RouterParts parts =
        new RouterParts(
            lifecycle, cluster, replies, cancels, codec, standstills::count, settings.startGrace());
    return RouterTopology.build(context.schemas(), () -> new RequestProcessor(parts));
  }

  private static Properties properties(
      AppContext context, RouterSettings settings, InstanceDirectory directory) {
    Properties properties = StreamsSettings.common(context.kafka(), APPLICATION_ID, directory);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitInterval().toMillis());
    properties.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, Topics.deadLetters(NAME));
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallRocksDb.class);
    // Kafka Streams overrides it to 100 ms otherwise.
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    // Bounds memory: a hundred requests of 10 MB each.
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 100);
    properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 100);
    return properties;
  }
}
