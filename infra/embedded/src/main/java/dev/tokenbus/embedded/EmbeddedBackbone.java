package dev.tokenbus.embedded;

import dev.tokenbus.embedded.home.HomeLock;
import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Broker, database and schema registry under one home directory, which belongs to one process at a
 * time.
 *
 * <pre>
 *   home/kafka  home/postgres  home/registry   the data of each, kept from start to start
 *   home/logs                                  postgres.log, registry.log
 *   home/lock                                  who runs here; home/ports.properties: where
 * </pre>
 *
 * <p>Nothing is stopped by a shutdown hook of ours: the owner closes it, after its clients. If the
 * process is killed instead, the next start finds everything that was acknowledged.
 *
 * <p>Thread-safe. {@link #close} may be called more than once.
 */
public final class EmbeddedBackbone implements AutoCloseable {
  private final HomeLock lock;
  private final EmbeddedBroker broker;
  private final EmbeddedPostgres postgres;
  private final EmbeddedRegistry registry;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedBackbone(
      HomeLock lock, EmbeddedBroker broker, EmbeddedPostgres postgres, EmbeddedRegistry registry) {
    this.lock = lock;
    this.broker = broker;
    this.postgres = postgres;
    this.registry = registry;
  }

  /**
   * Starts the three at the same time and returns when all take requests. When one fails, the
   * others are stopped.
   *
   * @throws AlreadyRunningException when another process runs on this home
   * @throws PortInUseException when a fixed port is taken
   * @throws StartFailedException when a server does not come up
   */
  public static EmbeddedBackbone start(BackboneSettings settings, StartProgress progress) {
    DirectoryTree.createPrivate(settings.home());
    HomeLock lock = HomeLock.take(settings.home());
    List<AutoCloseable> started = new ArrayList<>(List.of(lock));
    BackboneStart start = new BackboneStart(settings, progress);
    // Platform threads: Kafka's own threads inherit from the one that starts them, and must not
    // become daemons.
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Future<EmbeddedBroker> broker = threads.submit(start::broker);
      Future<EmbeddedPostgres> postgres = threads.submit(start::postgres);
      Future<EmbeddedRegistry> registry = threads.submit(start::registry);
      List<RuntimeException> failures = new ArrayList<>();
      for (Future<? extends AutoCloseable> part : List.of(broker, postgres, registry)) {
        await(part, failures).ifPresent(started::add);
      }
      if (!failures.isEmpty()) {
        throw abandon(started, failures);
      }
      return new EmbeddedBackbone(
          lock, broker.resultNow(), postgres.resultNow(), registry.resultNow());
    }
  }

  private static Optional<AutoCloseable> await(
      Future<? extends AutoCloseable> part, List<RuntimeException> failures) {
    try {
      return Optional.of(part.get());
    } catch (ExecutionException e) {
      failures.add(
          e.getCause() instanceof RuntimeException known
              ? known
              : new StartFailedException("start failed: " + e.getCause(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add(new StartFailedException("interrupted while starting", e));
    }
    return Optional.empty();
  }

  private static RuntimeException abandon(
      List<AutoCloseable> started, List<RuntimeException> failures) {
    RuntimeException first = failures.getFirst();
    failures.stream().skip(1).forEach(first::addSuppressed);
    for (AutoCloseable part : started.reversed()) {
      try {
        part.close();
      } catch (Exception e) { // what AutoCloseable declares
        first.addSuppressed(e);
      }
    }
    return first;
  }

  /** Where clients find the three. */
  public Endpoints endpoints() {
    return new Endpoints(
        broker.bootstrapServers(),
        registry.url(),
        postgres.url(),
        postgres.jdbcUrl(),
        EmbeddedPostgres.USER,
        postgres.password());
  }

  /**
   * Has a second start on this home say {@code address} (as {@code http://127.0.0.1:8317}) beside
   * our process id.
   */
  public void announce(String address) {
    lock.announce(address);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try (lock;
          broker;
          postgres;
          registry) {
        // closed in reverse order, each even if one before it fails
      }
    }
  }
}
