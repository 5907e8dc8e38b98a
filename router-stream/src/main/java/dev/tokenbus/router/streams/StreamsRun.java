package dev.tokenbus.router.streams;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running Kafka Streams application. It replaces threads that fail, and leaves its group when it
 * is closed, so that other instances take its tasks at once.
 *
 * <p>Thread-safe.
 */
public final class StreamsRun implements RunningStreams {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsRun.class);

  /** Prevents a hot loop where the replacement fails right away too. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final Duration UNWELL_FOR = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

  private final KafkaStreams streams;
  private final AtomicLong failedAt = new AtomicLong(Long.MIN_VALUE);

  private StreamsRun(KafkaStreams streams) {
    this.streams = streams;
  }

  /**
   * Returns when the application is started; {@link #ready} tells when it has its tasks.
   *
   * @param restores is told of the restorations of its tasks
   */
  public static StreamsRun start(Topology topology, Properties settings, RestoreLog restores) {
    StreamsRun run = new StreamsRun(new KafkaStreams(topology, settings));
    run.streams.setUncaughtExceptionHandler(run::failed);
    run.streams.setGlobalStateRestoreListener(restores);
    run.streams.setStandbyUpdateListener(restores);
    try {
      run.streams.start();
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
    return run;
  }

  /** Whether tasks are assigned and restored, and no thread has failed in the last seconds. */
  @Override
  public boolean ready() {
    long failed = failedAt.get();
    return streams.state() == KafkaStreams.State.RUNNING
        && (failed == Long.MIN_VALUE || System.nanoTime() - failed > UNWELL_FOR.toNanos());
  }

  private StreamThreadExceptionResponse failed(Throwable e) {
    LOG.atError().setCause(e).log("stream thread failed and is replaced");
    failedAt.set(System.nanoTime());
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  @Override
  public void close() {
    boolean closed =
        streams.close(
            CloseOptions.timeout(CLOSE_TIMEOUT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    if (!closed) {
      LOG.atWarn().addKeyValue("timeout", CLOSE_TIMEOUT).log("streams did not stop in time");
    }
  }
}
