package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client sees of one request: its visible records in log order, each once. They come live
 * from the bridge while the reader keeps up; when it does not, from the log at the reader's pace,
 * until it has caught up. Which way a record came makes no difference to anyone.
 *
 * <p>To be read and closed by the thread that opened it; any thread may {@link #fail} it.
 */
public final class ReplyFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyFeed.class);
  private static final long LIVE = Long.MIN_VALUE;
  private static final long NOT_YET = -1;
  private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(200);

  /** A bridge that was started for this feed is soon ready. */
  private static final Duration PAUSE_FOR_BRIDGE = Duration.ofMillis(20);

  private final RequestId id;
  private final ReplyBridges bridges;
  private final ReplyLog log;
  private final ReplyStream stream;
  private final FeedLimits limits;
  private final ReplyFold fold = new ReplyFold();

  /** Null until the feed first asks for its part in what is read live. */
  private ReplyBridges.@Nullable Lease lease;

  /** Where the log is to be read, or {@link #LIVE}. */
  private long logPosition;

  /** The offset from which on the bridge has everything, or {@link #NOT_YET}. */
  private long liveFrom = NOT_YET;

  private @Nullable CompletableFuture<LogPage> pending;

  /** What was looked at before it was asked for. */
  private List<LoggedReply> ahead = List.of();

  private boolean endSeen;
  private boolean beginningLost;
  private int departures;

  private ReplyFeed(
      RequestId id,
      ReplyBridges bridges,
      ReplyLog log,
      ReplyStream stream,
      FeedLimits limits,
      long logPosition) {
    this.id = id;
    this.bridges = bridges;
    this.log = log;
    this.stream = stream;
    this.limits = limits;
    this.logPosition = logPosition;
  }

  /**
   * A feed of a request that is yet to be accepted, so that nothing of it can have been missed.
   *
   * @param id made for the instance's own partition
   */
  public static ReplyFeed live(
      RequestId id, ReplyBridges bridges, ReplyLog log, FeedLimits limits) {
    if (id.replyPartition() != bridges.own().partition()) {
      throw new IllegalArgumentException(
          "Request " + id + " is not answered on partition " + bridges.own().partition());
    }
    ReplyFeed feed =
        new ReplyFeed(id, bridges, log, ReplyStream.live(id.toString(), limits), limits, LIVE);
    feed.lease();
    return feed;
  }

  /**
   * A feed of a request that was accepted earlier, by any instance: all of its records, and then
   * what comes.
   *
   * @param id made for a partition that {@link ReplyBridges#exists exists}
   */
  public static ReplyFeed resumed(
      RequestId id, ReplyBridges bridges, ReplyLog log, FeedLimits limits) {
    return new ReplyFeed(
        id,
        bridges,
        log,
        ReplyStream.late(id.toString(), limits),
        limits,
        ReplyLog.FROM_ACCEPTANCE);
  }

  /**
   * Waits for visible records.
   *
   * @param until on the scale of {@link System#nanoTime()}
   * @return what has come, which may be nothing, also before the time
   * @throws RuntimeException what {@link #fail} was given
   */
  public List<LoggedReply> next(long until) throws InterruptedException {
    List<LoggedReply> records = ahead.isEmpty() ? read(until) : ahead;
    ahead = List.of();
    return records;
  }

  /**
   * How the request is to be rendered, as its first record says; that record is still to come from
   * {@link #next}.
   *
   * @param until as for {@link #next}
   * @return empty if the first record has not come, also before the time
   */
  public Optional<Rendering> rendering(long until) throws InterruptedException {
    if (ahead.isEmpty()) {
      ahead = read(until);
    }
    return ahead.stream()
        .flatMap(record -> Stream.ofNullable(rendering(record.reply())))
        .findFirst();
  }

  private static @Nullable Rendering rendering(Reply reply) {
    return switch (reply.getEvent()) {
      case Admitted admitted -> admitted.getRendering();
      case Rejected rejected -> rejected.getRendering();
      case Attached attached -> attached.getRendering();
      case Opened opened -> opened.getRendering();
      case null, default -> null;
    };
  }

  /** Whether the last record has been read. */
  public boolean ended() {
    return fold.ended() && ahead.isEmpty();
  }

  /** Whether everything has been read that stood in the log at some time since the feed began. */
  public boolean reachedEnd() {
    return endSeen;
  }

  /** Whether the request's first records are not kept any more, so that nothing can be shown. */
  public boolean beginningLost() {
    return beginningLost;
  }

  /** How often the reader has fallen so far behind that it had to read from the log. */
  public int departures() {
    return departures;
  }

  /** Lets the reader's next wait end with the exception. */
  public void fail(RuntimeException reason) {
    stream.fail(reason);
  }

  /**
   * As {@link #fail}, for a request that could not be accepted; of no effect once a reply has come.
   */
  public void refuse(RuntimeException reason) {
    stream.refuse(reason);
  }

  private List<LoggedReply> read(long until) throws InterruptedException {
    if (logPosition == LIVE) {
      List<LoggedReply> live = stream.await(until);
      if (!live.isEmpty()) {
        return visible(live);
      }
      if (!stream.overflowed()) {
        return List.of();
      }
      logPosition = stream.lostFrom();
      liveFrom = NOT_YET;
      departures++;
      LOG.atInfo()
          .addKeyValue("request_id", id)
          .addKeyValue("offset", logPosition)
          .log("slow client left the live feed");
    }
    return visible(fromLog(until));
  }

  private List<LoggedReply> fromLog(long until) throws InterruptedException {
    stream.throwIfFailed();
    if (pending == null) {
      if (logPosition == ReplyLog.FROM_ACCEPTANCE) {
        // If it still runs, what comes while the log is read need not be read there.
        join(false);
      }
      pending = log.read(id, logPosition, limits.bytes());
    }
    LogPage page;
    try {
      page = pending.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return List.of();
    } catch (ExecutionException e) {
      // The reader has logged it. The broker may come back before the request's deadline.
      pending = null;
      TimeUnit.NANOSECONDS.sleep(PAUSE_AFTER_ERROR.toNanos());
      return List.of();
    }
    pending = null;
    logPosition = page.next();
    if (page.atEnd()) {
      endSeen = true;
      join(page.records().isEmpty());
    }
    if (liveFrom != NOT_YET && logPosition >= liveFrom) {
      endSeen = true;
      logPosition = LIVE;
      LOG.atDebug().addKeyValue("request_id", id).log("client reads live");
    }
    return page.records();
  }

  private void join(boolean nothingElseToDo) throws InterruptedException {
    if (liveFrom == NOT_YET) {
      liveFrom = lease().bridge().join(stream);
      if (liveFrom == NOT_YET && nothingElseToDo) {
        TimeUnit.NANOSECONDS.sleep(PAUSE_FOR_BRIDGE.toNanos());
      }
    }
  }

  private ReplyBridges.Lease lease() {
    if (lease == null) {
      lease = bridges.lease(id.replyPartition());
      lease.bridge().add(stream);
    }
    return lease;
  }

  /** Records that came both ways are repeats, which the fold knows. */
  private List<LoggedReply> visible(List<LoggedReply> records) {
    return records.stream().filter(record -> isVisible(record.reply())).toList();
  }

  private boolean isVisible(Reply reply) {
    return switch (fold.accept(reply)) {
      case VISIBLE, LAST -> true;
      case IGNORED -> false;
      case GAP -> {
        beginningLost |= fold.attempt() < 0;
        yield false;
      }
    };
  }

  @Override
  public void close() {
    if (lease != null) {
      lease.bridge().remove(stream);
      lease.giveBack().run();
    }
  }
}
