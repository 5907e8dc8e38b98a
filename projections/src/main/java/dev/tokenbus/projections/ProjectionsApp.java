package dev.tokenbus.projections;

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
 * Writes topics {@code usage}, {@code requests} and {@code outcomes} into PostgreSQL: tables {@code
 * usage_events} and {@code requests}, each record once, whatever dies in between.
 *
 * <p>PostgreSQL need not be there when this starts, nor stay there: it is tried again for ever, and
 * the tables catch up. Any number of instances share the work. Records that can never be written
 * down go to {@code projections.dlq}.
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
  private final DeadLetters deadLetters;
  private final List<ProjectionFeed> feeds;
  private final Thread keeper;
  private volatile boolean started;

  private ProjectionsApp(
      AppContext context,
      Database database,
      MonthlyPartitions months,
      DeadLetters deadLetters,
      List<ProjectionFeed> feeds) {
    this.context = context;
    this.database = database;
    this.months = months;
    this.deadLetters = deadLetters;
    this.feeds = List.copyOf(feeds);
    keeper = Thread.ofVirtual().name("projections-keeper").unstarted(this::keep);
  }

  /**
   * Returns at once; {@link #ready} tells when the schema is up to date and every topic is read.
   *
   * @throws RuntimeException if the settings cannot be used
   */
  public static ProjectionsApp start(AppContext context, ProjectionsSettings settings) {
    Clock clock = context.clock();
    Database database = new Database(settings);
    MonthlyPartitions months = new MonthlyPartitions(database.jdbi(), clock);
    DeadLetters deadLetters = new DeadLetters(context.kafka(), clock);
    List<ProjectionFeed> feeds = new ArrayList<>();
    for (Projection<?> projection :
        List.of(
            UsageEvents.projection(context.schemas()),
            RequestBeginnings.projection(context.schemas()),
            RequestEnds.projection(context.schemas()))) {
      feeds.addAll(feedsOf(projection, context, settings, database, months, deadLetters));
    }
    ProjectionsApp app = new ProjectionsApp(context, database, months, deadLetters, feeds);
    app.keeper.start();
    return app;
  }

  /** Whether rows are being written, or would be if there were records. */
  public boolean ready() {
    return started && feeds.stream().allMatch(ProjectionFeed::ready);
  }

  /** Lets batches in hand be committed and leaves the consumer groups, in 30 s at most. */
  @Override
  public void close() {
    keeper.interrupt();
    boolean interrupted = !joinKeeper();
    if (started) {
      interrupted |= !stopFeeds();
    }
    deadLetters.close();
    database.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> List<ProjectionFeed> feedsOf(
      Projection<T> projection,
      AppContext context,
      ProjectionsSettings settings,
      Database database,
      MonthlyPartitions months,
      DeadLetters deadLetters) {
    OffsetLedger ledger = new OffsetLedger(projection.name(), database.jdbi());
    BatchWriter<T> writer =
        new BatchWriter<>(projection.rows(), database.jdbi(), ledger, months, deadLetters);
    List<ProjectionFeed> feeds = new ArrayList<>();
    for (int number = 0; number < settings.consumers(); number++) {
      feeds.add(ProjectionFeed.of(projection, number, writer, ledger, context.kafka(), settings));
    }
    return feeds;
  }

  /** Starts the feeds as soon as that is possible, then sees to it that months begin in time. */
  private void keep() {
    ExponentialBackOff backOff = new ExponentialBackOff(250, 2);
    backOff.setMaxInterval(10_000);
    BackOffExecution waits = backOff.start();
    try {
      while (!prepared()) {
        Thread.sleep(waits.nextBackOff());
      }
      started = true;
      feeds.forEach(ProjectionFeed::start);
      while (true) {
        Thread.sleep(MONTHS_INTERVAL);
        keepMonths();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private boolean prepared() {
    try (Admin admin = Admin.create(context.kafka().common())) {
      new TopicProvisioner(admin).provisionDeadLetters(DeadLetters.APP);
      database.migrate();
      months.ensureAhead();
      return true;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        return false; // closed meanwhile: nothing to report
      }
      log.atWarn()
          .addKeyValue("database", database.url())
          .addKeyValue("reason", e.getMessage())
          .log("cannot start projecting yet: trying again");
      return false;
    }
  }

  private void keepMonths() {
    try {
      months.ensureAhead();
    } catch (RuntimeException e) {
      // Not fatal: rows of a month that is missing make it themselves.
      log.atWarn().addKeyValue("reason", e.getMessage()).log("cannot make partitions ahead");
    }
  }

  private boolean joinKeeper() {
    try {
      keeper.join();
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
        log.atWarn().log("a batch did not end in time: whoever comes next writes it down");
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
