package dev.tokenbus.workers.attempt;

import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicFollower;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every command on {@code control}. It begins two minutes before the present, since a command
 * may be older than the worker that takes the request. While the registry is away a command is
 * waited for and none is skipped.
 *
 * <p>Commands are taken on the follower's thread.
 */
public final class ControlFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlFollower.class);
  private static final Duration LOOK_BACK = Duration.ofMinutes(2);

  private final TopicFollower<Control> follower;

  private ControlFollower(TopicFollower<Control> follower) {
    this.follower = follower;
  }

  /** Starts the follower's thread. */
  public static ControlFollower start(
      KafkaSettings kafka, TopicSchemas schemas, InstantSource clock, RunningAttempts attempts) {
    return new ControlFollower(
        TopicFollower.start(
            kafka,
            Follow.of(
                "worker-control",
                Topics.CONTROL,
                new StartAt.Since(clock.instant().minus(LOOK_BACK)),
                schemas.decoder(Control.class),
                record -> take(record, attempts))));
  }

  private static void take(TopicRecord<Control> record, RunningAttempts attempts) {
    switch (record) {
      case TopicRecord.Present<Control>(var source, Control control) -> {
        switch (control.getCommand()) {
          case Cancel cancel -> attempts.cancel(control.getRequestId(), cancel);
          case CancelAll all -> attempts.cancelAll(all, control.getTenant(), control.getAt());
          case null, default -> {
            // The schema knows no other command.
          }
        }
      }
      case TopicRecord.Unreadable<Control> unreadable ->
          LOG.atError()
              .setCause(unreadable.why().reason())
              .addKeyValue("offset", unreadable.source().offset())
              .log("a command of a newer version could not be decoded and was skipped");
      case TopicRecord.Tombstone<Control> tombstone -> {
        // Says nothing.
      }
    }
  }

  /** Whether commands are being read. */
  public boolean ready() {
    return follower.ready() && follower.caughtUp().isDone();
  }

  @Override
  public void close() {
    follower.close();
  }
}
