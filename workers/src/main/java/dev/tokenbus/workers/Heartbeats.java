package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import dev.tokenbus.schemas.avro.WorkerPool;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells four times a second that this worker lives and what it has free, and at once when its state
 * changes.
 *
 * <p>One thread; the other methods may be called from any.
 */
final class Heartbeats implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);
  private static final Duration INTERVAL = Duration.ofMillis(250);

  private final EventLog log;
  private final WorkerIdentity worker;
  private final InstantSource clock;
  private final Supplier<List<WorkerPool>> pools;
  private final BlockingQueue<WorkerState> changes = new LinkedBlockingQueue<>();
  private final Thread thread;

  private Heartbeats(
      EventLog log, WorkerIdentity worker, InstantSource clock, Supplier<List<WorkerPool>> pools) {
    this.log = log;
    this.worker = worker;
    this.clock = clock;
    this.pools = pools;
    thread = Thread.ofPlatform().name("heartbeats").daemon().unstarted(this::run);
  }

  static Heartbeats start(
      EventLog log, WorkerIdentity worker, InstantSource clock, Supplier<List<WorkerPool>> pools) {
    Heartbeats heartbeats = new Heartbeats(log, worker, clock, pools);
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
    log.send(
        Topics.WORKERS.name(),
        null,
        worker.workerId(),
        new WorkerHeartbeat(worker.workerId(), worker.epoch(), clock.instant(), state, pools.get()),
        (metadata, problem) -> {
          if (problem != null) {
            LOG.atWarn().setCause(problem).log("a heartbeat could not be written");
          }
        });
  }

  /** From now on the worker takes no new work. */
  void draining() {
    changes.add(WorkerState.DRAINING);
  }

  /** Falls silent, as a worker does that dies. */
  void abandon() {
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
