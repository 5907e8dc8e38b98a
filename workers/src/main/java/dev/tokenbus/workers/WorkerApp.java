package dev.tokenbus.workers;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.CatalogueFollower;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.workers.attempt.AttemptReporter;
import dev.tokenbus.workers.attempt.AttemptStarter;
import dev.tokenbus.workers.attempt.ControlFollower;
import dev.tokenbus.workers.attempt.RunContext;
import dev.tokenbus.workers.attempt.RunningAttempts;
import dev.tokenbus.workers.attempt.TimeoutMonitor;
import dev.tokenbus.workers.attempt.WorkerIdentity;
import dev.tokenbus.workers.body.BodyRoom;
import dev.tokenbus.workers.body.LoggedBodies;
import dev.tokenbus.workers.pool.Heartbeats;
import dev.tokenbus.workers.pool.KafkaPools;
import dev.tokenbus.workers.pool.Pools;
import dev.tokenbus.workers.recovery.Capabilities;
import dev.tokenbus.workers.recovery.LoggedHistory;
import dev.tokenbus.workers.reply.RecordProducer;
import dev.tokenbus.workers.reply.ReplyFlusher;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: takes dispatched attempts for every provider of the catalogue, calls the providers and
 * writes what they answer to {@code replies}. Any number of workers share the work.
 *
 * <p>Thread-safe.
 */
public final class WorkerApp implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerApp.class);

  /** Names the topic of dead letters. */
  private static final String APP = "workers";

  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);
  private static final Duration DRAIN_LOOK = Duration.ofMillis(200);

  private final WorkerSettings settings;
  private final RunningAttempts attempts;
  private final RecordProducer producer;

  /**
   * Apart from the other, so that a first token does not wait for the acknowledgement of a start.
   */
  private final RecordProducer replyProducer;

  private final ReplyFlusher flusher;
  private final AttemptReporter reporter;
  private final CatalogueFollower catalogue;
  private final LoggedHistory history;
  private final LoggedBodies bodies;
  private final Admin admin;
  private final Pools pools;
  private final ControlFollower control;
  private final TimeoutMonitor timeoutMonitor;
  private final Heartbeats heartbeats;
  private final ScheduledExecutorService catalogueThread;
  private final ExecutorService threads;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean following;

  private WorkerApp(AppContext context, WorkerSettings settings) {
    this.settings = settings;
    WorkerIdentity worker = new WorkerIdentity(settings.workerId(), context.clock().millis());
    threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("attempt-", 0).factory());
    attempts = new RunningAttempts(context.clock());
    producer = open("worker-" + settings.workerId(), context, settings);
    replyProducer = open("worker-" + settings.workerId() + "-replies", context, settings);
    flusher = ReplyFlusher.start(settings.flushInterval());
    reporter = new AttemptReporter(producer, worker, context.clock(), threads);
    admin = Admin.create(context.kafka().common());
    history = LoggedHistory.start(context.kafka(), context.schemas(), context.clock());
    bodies = LoggedBodies.start(context.kafka(), context.schemas(), context.clock());
    catalogue = context.catalogue();
    AttemptStarter starter =
        new AttemptStarter(
            new RunContext(
                worker,
                reporter,
                new ReplyWriters(replyProducer, flusher, context.clock()),
                history,
                () -> catalogue.current().formatLevel(),
                threads),
            attempts,
            bodies,
            new BodyRoom(
                Runtime.getRuntime().maxMemory(),
                Runtime.getRuntime().availableProcessors(),
                context.clock()),
            dispatched -> capabilities(catalogue.current(), dispatched),
            context.clock(),
            claims(new SecureRandom()));
    pools =
        new Pools(
            new KafkaPools(
                context, admin, producer.deadLetters(APP), starter, settings.slotCeiling()));
    timeoutMonitor = TimeoutMonitor.start(attempts, context.clock());
    control = ControlFollower.start(context.kafka(), context.schemas(), context.clock(), attempts);
    heartbeats = Heartbeats.start(producer, worker, context.clock(), pools::snapshot);
    catalogueThread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("worker-pools").daemon().factory());
  }

  /** What a deployment can do according to the catalogue, for dispatches of 0.1.0. */
  private static Capabilities capabilities(Catalogue catalogue, AttemptDispatched dispatched) {
    return catalogue
        .model(dispatched.getModel())
        .flatMap(model ->
            catalogue
                .deployment(model, dispatched.getProvider(), dispatched.getUpstreamModel())
                .map(deployment ->
                    new Capabilities(true, deployment.prefill(), deployment.instruction()))
                // A dispatch may be older than its route.
                .or(() -> Optional.of(ofModel(model))))
        .orElse(Capabilities.NONE);
  }

  private static Capabilities ofModel(ModelEntry model) {
    List<String> listed = model.getCapabilities();
    return new Capabilities(true, listed.contains("prefill"), listed.contains("instruction"));
  }

  private static RecordProducer open(String clientId, AppContext context, WorkerSettings settings) {
    return RecordProducer.open(
        context.kafka(), context.schemas(), clientId, settings.deliveryTimeout());
  }

  /**
   * Starts a worker; it takes work when {@link #ready} says so.
   *
   * @throws IllegalStateException if the broker does not answer
   */
  public static WorkerApp start(AppContext context, WorkerSettings settings) {
    try (Admin admin = Admin.create(context.kafka().common())) {
      new TopicProvisioner(admin).provisionDeadLetters(APP);
    }
    WorkerApp app = new WorkerApp(context, settings);
    context.catalogue().onChange(_ -> app.catalogueChanged(context.catalogue(), Duration.ZERO));
    LOG.atInfo().addKeyValue("worker_id", settings.workerId()).log("worker started");
    return app;
  }

  private void catalogueChanged(CatalogueFollower catalogue, Duration delay) {
    try {
      ScheduledFuture<?> _ =
          catalogueThread.schedule(
              () -> follow(catalogue), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("the catalogue changed after the worker was closed");
    }
  }

  private void follow(CatalogueFollower catalogue) {
    if (pools.follow(catalogue.current().providers())) {
      following = true;
    } else {
      catalogueChanged(catalogue, RETRY);
    }
  }

  /** Whether the pools of the catalogue's providers stand and orders to stop are heard. */
  public boolean ready() {
    return following && control.ready() && catalogue.ready() && pools.ready() && !closed.get();
  }

  /** Attempts that run, or whose end has not been acknowledged yet. */
  public int running() {
    return attempts.size();
  }

  /**
   * Takes no new work, lets running calls go on up to the drain limit, hands over then what another
   * worker can continue, waits for the rest up to its deadlines or the drain ceiling, and stops.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    heartbeats.draining();
    List<Runnable> _ = catalogueThread.shutdownNow();
    pools.close();
    try {
      if (!attempts.awaitNone(settings.drainLimit())) {
        LOG.atWarn()
            .addKeyValue("attempts", attempts.size())
            .log("running attempts are handed over to other workers");
        if (!handOverContinuable()) {
          attempts.handOver();
          attempts.awaitNone(LAST_WORDS);
        }
      }
    } catch (InterruptedException e) {
      attempts.handOver();
      Thread.currentThread().interrupt();
    }
    reporter.close();
    control.close();
    history.close();
    bodies.close();
    timeoutMonitor.close();
    flusher.close();
    heartbeats.close();
    replyProducer.close(LAST_WORDS);
    producer.close(LAST_WORDS);
    admin.close();
    threads.shutdown();
    LOG.atInfo().addKeyValue("worker_id", settings.workerId()).log("worker stopped");
  }

  /**
   * Hands over what can be continued, and looks again whether more can be: most texts stop now and
   * then at a place where another worker may go on.
   *
   * @return false if attempts are left at the drain ceiling
   */
  private boolean handOverContinuable() throws InterruptedException {
    long ceiling = System.nanoTime() + settings.drainCeiling().toNanos();
    do {
      attempts.handOverContinuable();
      if (attempts.awaitNone(DRAIN_LOOK)) {
        return true;
      }
    } while (System.nanoTime() - ceiling < 0);
    return false;
  }

  /** Dies as a killed process does: no last heartbeat, no report, nothing flushed. For tests. */
  void abandon() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    heartbeats.abandon();
    reporter.close();
    producer.close(Duration.ZERO);
    replyProducer.close(Duration.ZERO);
    List<Runnable> _ = catalogueThread.shutdownNow();
    pools.close();
    attempts.handOver();
    control.close();
    history.close();
    bodies.close();
    timeoutMonitor.close();
    flusher.close();
    admin.close();
    threads.shutdown();
  }

  /** Random numbers other than 0, which stands for the router. */
  private static LongSupplier claims(RandomGenerator random) {
    return () -> {
      long claim = random.nextLong();
      return claim == 0 ? 1 : claim;
    };
  }
}
