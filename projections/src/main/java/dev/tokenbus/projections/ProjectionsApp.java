package dev.tokenbus.projections;

import dev.tokenbus.projections.feed.DeadLetterPublisher;
import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.feed.ProjectionFeed;
import dev.tokenbus.projections.requests.AcceptedProjection;
import dev.tokenbus.projections.requests.OutcomeProjection;
import dev.tokenbus.projections.store.BatchWriter;
import dev.tokenbus.projections.store.Database;
import dev.tokenbus.projections.store.MonthlyPartitions;
import dev.tokenbus.projections.store.OffsetLedger;
import dev.tokenbus.projections.usage.UsageProjection;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/**
 * Projects topics {@code usage}, {@code requests} and {@code outcomes} into the PostgreSQL tables
 * {@code usage_events} and {@code requests}, each record once, whatever dies in between.
 *
 * <p>PostgreSQL may be away at the start or at any later time: the app retries until it is back,
 * and the tables catch up. Any number of instances share the work. Records that can never become
 * rows go to {@code projections.dlq}.
 *
 * <p>Thread-safe.
 */
public final class ProjectionsApp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProjectionsApp.class);
  private static final long STOP_TIMEOUT_SECONDS = 30;
  private static final Duration MONTHS_INTERVAL = Duration.ofHours(1);

  private final AppContext context;
  private final Database database;
  private final MonthlyPartitions months;
  private final DeadLetterPublisher deadLetters;
  private final List<ProjectionFeed> feeds;
  private final Thread maintenance;
  private volatile boolean started;

  private ProjectionsApp(
      AppContext context,
      Database database,
      MonthlyPartitions months,
      DeadLetterPublisher deadLetters,
      List<ProjectionFeed> feeds) {
    this.context = context;
    this.database = database;
    this.months = months;
    this.deadLetters = deadLetters;
    this.feeds = List.copyOf(feeds);
    maintenance = Thread.ofVirtual().name("projections-maintenance").unstarted(this::maintain);
  }

  /**
   * Returns at once; {@link #ready} tells when the schema is migrated and every topic is read.
   *
   * @throws RuntimeException if the settings cannot be used
   */
  public static ProjectionsApp start(AppContext context, ProjectionsSettings settings) {
    Clock clock = context.clock();
    Database database = new Database(settings.database());
    MonthlyPartitions months = new MonthlyPartitions(database.jdbi(), clock);
    DeadLetterPublisher deadLetters = new DeadLetterPublisher(context.kafka(), clock);
    List<ProjectionFeed> feeds = new ArrayList<>();
    for (Projection<?, ?> projection :
        List.of(
            UsageProjection.projection(context.schemas()),
            AcceptedProjection.projection(context.schemas()),
            OutcomeProjection.projection(context.schemas()))) {
      feeds.addAll(feedsOf(projection, context, settings, database, months, deadLetters));
    }
    ProjectionsApp app = new ProjectionsApp(context, database, months, deadLetters, feeds);
    app.maintenance.start();
    return app;
  }

  /** Whether every consumer writes its records, or would if there were any. */
  public boolean ready() {
    return started && feeds.stream().allMatch(ProjectionFeed::ready);
  }

  /** Commits the current batches and leaves the consumer groups, in 30 s at most. */
  @Override
  public void close() {
    maintenance.interrupt();
    boolean interrupted = !joinMaintenance();
    if (started) {
      interrupted |= !stopFeeds();
    }
    deadLetters.close();
    database.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static <K, T> List<ProjectionFeed> feedsOf(
      Projection<K, T> projection,
      AppContext context,
      ProjectionsSettings settings,
      Database database,
      MonthlyPartitions months,
      DeadLetterPublisher deadLetters) {
    OffsetLedger ledger = new OffsetLedger(projection.name(), database.jdbi());
    BatchWriter<K, T> writer =
        new BatchWriter<>(projection.tables(), database.jdbi(), ledger, months, deadLetters);
    List<ProjectionFeed> feeds = new ArrayList<>();
    for (int number = 0; number < settings.feed().consumers(); number++) {
      feeds.add(
          ProjectionFeed.of(projection, number, writer, ledger, context.kafka(), settings.feed()));
    }
    return feeds;
  }

  /** Starts the feeds once the database is there, then creates month partitions ahead of time. */
  private void maintain() {
    ExponentialBackOff intervals = new ExponentialBackOff(250, 2);
    intervals.setMaxInterval(10_000);
    BackOffExecution retries = intervals.start();
    try {
      while (!prepared()) {
        Thread.sleep(retries.nextBackOff());
      }
      started = true;
      feeds.forEach(ProjectionFeed::start);
      while (true) {
        Thread.sleep(MONTHS_INTERVAL);
        createMonthsAhead();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private boolean prepared() {
    try (Admin admin = Admin.create(context.kafka().common())) {
      new TopicProvisioner(admin).provisionDeadLetters(DeadLetterPublisher.APP);
      database.migrate();
      months.ensureAhead();
      return true;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        return false; // the app was closed meanwhile
      }
      log.atWarn()
          .addKeyValue("database", database.url())
          .addKeyValue("reason", e.getMessage())
          .log("projections cannot start yet: retrying");
      return false;
    }
  }

  private void createMonthsAhead() {
    try {
      months.ensureAhead();
    } catch (RuntimeException e) {
      // Not fatal: a row creates the partition that it needs.
      log.atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("month partitions cannot be created ahead");
    }
  }

  private boolean joinMaintenance() {
    try {
      maintenance.join();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private boolean stopFeeds() {
    CountDownLatch stopped = new CountDownLatch(feeds.size());
    feeds.forEach(feed -> feed.stop(stopped));
    try {
      if (!stopped.await(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        log.atWarn().log("batch did not end in time: another instance will write it");
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
