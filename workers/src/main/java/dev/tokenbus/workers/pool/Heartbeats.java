package dev.tokenbus.workers.pool;

import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.avro.WorkerPool;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.workers.attempt.WorkerIdentity;
import dev.tokenbus.workers.reply.RecordProducer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a heartbeat with the free slots four times a second, and at once when the state changes.
 *
 * <p>One thread; the other methods may be called from any.
 */
public final class Heartbeats implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

  /** The version of this build; empty where it runs from unpackaged classes. */
  private static final String VERSION =
      Objects.requireNonNullElse(Heartbeats.class.getPackage().getImplementationVersion(), "");

  private static final Duration INTERVAL = Duration.ofMillis(250);

  private final RecordProducer producer;
  private final WorkerIdentity worker;
  private final InstantSource clock;
  private final Supplier<List<WorkerPool>> pools;
  private final BlockingQueue<WorkerState> changes = new LinkedBlockingQueue<>();
  private final Thread thread;

  private Heartbeats(
      RecordProducer producer,
      WorkerIdentity worker,
      InstantSource clock,
      Supplier<List<WorkerPool>> pools) {
    this.producer = producer;
    this.worker = worker;
    this.clock = clock;
    this.pools = pools;
    thread = Thread.ofPlatform().name("heartbeats").daemon().unstarted(this::run);
  }

  public static Heartbeats start(
      RecordProducer producer,
      WorkerIdentity worker,
      InstantSource clock,
      Supplier<List<WorkerPool>> pools) {
    Heartbeats heartbeats = new Heartbeats(producer, worker, clock, pools);
    heartbeats.thread.start();
    return heartbeats;
  }

  private void run() {
    WorkerState state = WorkerState.RUNNING;
    try {
      while (state != WorkerState.STOPPED) {
        beat(state);
        WorkerState change = changes.poll(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        state = change == null ? state : change;
      }
      beat(state);
    } catch (InterruptedException e) {
      // Only abandon() interrupts.
      Thread.currentThread().interrupt();
    }
  }

  private void beat(WorkerState state) {
    producer.send(
        Topics.WORKERS.name(),
        null,
        worker.workerId(),
        new WorkerHeartbeat(
            worker.workerId(), worker.epoch(), clock.instant(), state, pools.get(), VERSION, null),
        (metadata, problem) -> {
          if (problem != null) {
            LOG.atWarn().setCause(problem).log("a heartbeat could not be written");
          }
        });
  }

  /** The worker takes no new work from now on. */
  public void draining() {
    changes.add(WorkerState.DRAINING);
  }

  /** Stops without a last heartbeat, like a worker that is killed. */
  public void abandon() {
    thread.interrupt();
    join();
  }

  /** Writes the last heartbeat, which says that the worker has stopped. */
  @Override
  public void close() {
    changes.add(WorkerState.STOPPED);
    join();
  }

  private void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
