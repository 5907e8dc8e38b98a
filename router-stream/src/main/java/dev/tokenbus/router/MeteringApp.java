package dev.tokenbus.router;

import dev.tokenbus.router.metering.MeteringTopology;
import dev.tokenbus.router.streams.InstanceDirectory;
import dev.tokenbus.router.streams.RestoreLog;
import dev.tokenbus.router.streams.SmallRocksDb;
import dev.tokenbus.router.streams.StreamsRun;
import dev.tokenbus.router.streams.StreamsSettings;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.lifecycle.Closing;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Writes one usage record for each request: reads {@code outcomes}, where repeats are possible, and
 * writes {@code usage}, where a reader with {@code read_committed} sees each request exactly once.
 * Any number of instances share the tenants.
 *
 * <p>It runs exactly-once by Kafka transactions, since nobody waits for it. The first outcome of a
 * request counts.
 *
 * <p>Thread-safe.
 */
public final class MeteringApp implements AutoCloseable {
  static final String APPLICATION_ID = "tokenbus-metering";

  private static final String NAME = "metering";

  /** After a crash, readers wait this long for the open transaction. */
  private static final int TRANSACTION_TIMEOUT_MS = 5_000;

  private final StreamsRun streams;
  private final Closing parts;

  private MeteringApp(StreamsRun streams, Closing parts) {
    this.streams = streams;
    this.parts = parts;
  }

  /**
   * Returns when the application is started; {@link #ready} tells when it has its tasks.
   *
   * @param context shared with other apps of the process; stays open when this app is closed
   * @throws IllegalStateException if the broker does not answer
   */
  public static MeteringApp start(AppContext context, MeteringSettings settings) {
    try (Admin admin = Admin.create(context.kafka().common())) {
      new TopicProvisioner(admin).provisionDeadLetters(NAME);
    }
    Closing parts = new Closing();
    InstanceDirectory directory =
        parts.add(InstanceDirectory.claim(context.stateDirectory().resolve(NAME)));
    StreamsRun streams =
        parts.add(
            StreamsRun.start(
                MeteringTopology.build(context.schemas(), settings.retention()),
                properties(context, settings, directory),
                new RestoreLog()));
    return new MeteringApp(streams, parts);
  }

  /** Whether its share of the tenants is assigned and restored. */
  public boolean ready() {
    return streams.ready();
  }

  /** Commits the processed records and leaves the group. */
  @Override
  public void close() {
    parts.close();
  }

  private static Properties properties(
      AppContext context, MeteringSettings settings, InstanceDirectory directory) {
    Properties properties = StreamsSettings.common(context.kafka(), APPLICATION_ID, directory);
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitInterval().toMillis());
    properties.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, Topics.deadLetters(NAME));
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallRocksDb.class);
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        TRANSACTION_TIMEOUT_MS);
    return properties;
  }
}
