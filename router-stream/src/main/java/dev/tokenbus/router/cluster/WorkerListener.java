package dev.tokenbus.router.cluster;

import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicEnd;
import dev.tokenbus.runtime.kafka.TopicListener;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the heartbeats of topic {@code workers} to the {@link WorkerDirectory}, and whether all of
 * them have been read: while the broker or the registry is away, no silence of a worker counts.
 *
 * <p>Called on its follower's thread.
 */
public final class WorkerListener implements TopicListener<WorkerHeartbeat> {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerListener.class);

  /** As often as heartbeats come. */
  private static final Duration TICK = Duration.ofMillis(250);

  private static final Duration PROBE = Duration.ofSeconds(1);

  private final WorkerDirectory directory;
  private final InstantSource clock;
  private final Set<String> unreadable = new HashSet<>();

  private WorkerListener(WorkerDirectory directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** What is to be followed: the last heartbeat of every worker, and then each that comes. */
  public static Follow<WorkerHeartbeat> follow(
      TopicSchemas schemas, WorkerDirectory directory, InstantSource clock) {
    return Follow.of(
            "router-workers",
            Topics.WORKERS,
            new StartAt.Beginning(),
            schemas.decoder(WorkerHeartbeat.class),
            new WorkerListener(directory, clock))
        .withTick(TICK);
  }

  @Override
  public void take(TopicRecord<WorkerHeartbeat> record) {
    switch (record) {
      case TopicRecord.Present<WorkerHeartbeat>(_, WorkerHeartbeat heartbeat) ->
          directory.heard(heartbeat, clock.instant());
      case TopicRecord.Unreadable<WorkerHeartbeat> newer -> {
        String worker = String.valueOf(newer.source().key());
        if (unreadable.add(worker)) {
          LOG.atError()
              .setCause(newer.why().reason())
              .addKeyValue("worker_id", worker)
              .log("heartbeats of a worker cannot be decoded, so it counts as dead");
        }
      }
      case TopicRecord.Tombstone<WorkerHeartbeat> _ -> {
        // A worker of which the topic is to forget; the directory forgets by itself.
      }
    }
  }

  @Override
  public void tick(TopicEnd end) {
    if (end.reached(PROBE)) {
      directory.reached(clock.instant());
    }
  }
}
