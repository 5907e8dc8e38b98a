package dev.tokenbus.ingress.replies;

import dev.tokenbus.ingress.replies.live.FeedLimits;
import dev.tokenbus.ingress.replies.live.LiveReplyQueue;
import dev.tokenbus.ingress.replies.live.ReplyBridges;
import dev.tokenbus.ingress.replies.log.LogPage;
import dev.tokenbus.ingress.replies.log.ReplyLog;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.runtime.replies.ReplyHistory;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The visible records of one request in log order, each once. They come live from the bridge while
 * the reader keeps up, otherwise from the log at the reader's pace until it has caught up.
 *
 * <p>The thread that opened it reads and closes it; any thread may {@link #fail} it.
 */
public final class ReplyFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyFeed.class);
  private static final long LIVE = Long.MIN_VALUE;
  private static final long NOT_YET = -1;
  private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(200);

  /** A newly started bridge is soon positioned. */
  private static final Duration PAUSE_FOR_BRIDGE = Duration.ofMillis(20);

  private final RequestId id;
  private final ReplyBridges bridges;
  private final ReplyLog replyLog;
  private final LiveReplyQueue queue;
  private final FeedLimits limits;
  private final VisibleReplies replies = new VisibleReplies();

  /** Null until the feed first joins the bridge. */
  private ReplyBridges.@Nullable Lease lease;

  /** The next offset to read from the log, or {@link #LIVE}. */
  private long logPosition;

  /** The offset from which on the queue gets every record, or {@link #NOT_YET}. */
  private long liveFrom = NOT_YET;

  private @Nullable CompletableFuture<LogPage> pending;

  /** Records that {@link #first} read before {@link #next} was called. */
  private List<LoggedReply.Known> ahead = List.of();

  /** The search for the last checkpoint before the event the client goes on after; null if over. */
  private @Nullable CheckpointSearch beginning;

  private @Nullable Checkpoint checkpoint;

  private boolean endSeen;
  private int departures;

  private ReplyFeed(
      RequestId id,
      ReplyBridges bridges,
      ReplyLog replyLog,
      LiveReplyQueue queue,
      FeedLimits limits,
      long logPosition) {
    this.id = id;
    this.bridges = bridges;
    this.replyLog = replyLog;
    this.queue = queue;
    this.limits = limits;
    this.logPosition = logPosition;
  }

  /**
   * Opens the feed of a request that has not been appended yet, so that no record can be missed.
   *
   * @param id an id with the instance's own partition
   */
  public static ReplyFeed live(
      RequestId id, ReplyBridges bridges, ReplyLog replyLog, FeedLimits limits) {
    if (id.replyPartition() != bridges.own().partition()) {
      throw new IllegalArgumentException(
          "Request " + id + " is not answered on partition " + bridges.own().partition());
    }
    ReplyFeed feed =
        new ReplyFeed(
            id, bridges, replyLog, LiveReplyQueue.live(id.toString(), limits), limits, LIVE);
    feed.lease();
    return feed;
  }

  /**
   * Opens the feed of a request that any instance accepted earlier: all of its records from the
   * log, then the live ones.
   *
   * @param id an id with a partition that {@link ReplyBridges#exists exists}
   * @param after the offset of the last record the client has seen events of: the feed may begin at
   *     a {@link #checkpoint()} before it; negative to begin with the first record
   */
  public static ReplyFeed resumed(
      RequestId id, long after, ReplyBridges bridges, ReplyLog replyLog, FeedLimits limits) {
    ReplyFeed feed =
        new ReplyFeed(
            id,
            bridges,
            replyLog,
            LiveReplyQueue.late(id.toString(), limits),
            limits,
            ReplyLog.FROM_ACCEPTANCE);
    if (after >= 0) {
      feed.beginning = new CheckpointSearch(id, after, replyLog.before(id, after));
    }
    return feed;
  }

  /**
   * Waits for visible records.
   *
   * @param until on the scale of {@link System#nanoTime()}
   * @return the records that have come; may be empty, even before the given time
   * @throws UnreadableReplyException if a newer version wrote the next visible record
   * @throws RuntimeException the exception that was given to {@link #fail}
   */
  public List<LoggedReply.Known> next(long until) throws InterruptedException {
    List<LoggedReply.Known> records = ahead.isEmpty() ? read(until) : ahead;
    ahead = List.of();
    return records;
  }

  /**
   * What the request's first record says, which {@link #next} still returns.
   *
   * @param until as for {@link #next}
   * @return empty if the first record has not come; may return before the given time
   */
  public Optional<FirstRecord> first(long until) throws InterruptedException {
    if (ahead.isEmpty()) {
      ahead = read(until);
    }
    if (checkpoint != null) {
      return Optional.of(new FirstRecord(checkpoint.getRendering(), null));
    }
    return ahead.stream().flatMap(record -> FirstRecord.of(record.reply()).stream()).findFirst();
  }

  /**
   * The checkpoint that the feed begins behind; {@link #next} returns no record before it. Known
   * once {@link #first} has returned something.
   */
  public Optional<Checkpoint> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  /** Whether the last record has been read. */
  public boolean ended() {
    return replies.ended() && ahead.isEmpty();
  }

  /** Whether the feed has read to what was the end of the log at some time since it was opened. */
  public boolean reachedEnd() {
    return endSeen;
  }

  /** Whether the request's first records have expired, so that nothing can be rendered. */
  public boolean beginningLost() {
    return replies.beginningLost();
  }

  /** How often the reader has fallen so far behind that it switched to the log. */
  public int departures() {
    return departures;
  }

  /** Makes the reader's next wait throw the exception. */
  public void fail(RuntimeException reason) {
    queue.fail(reason);
  }

  /** As {@link #fail} for a request that was not appended; no effect once a reply has come. */
  public void refuse(RuntimeException reason) {
    queue.refuse(reason);
  }

  private List<LoggedReply.Known> read(long until) throws InterruptedException {
    replies.requireReadable();
    if (logPosition == LIVE) {
      List<LoggedReply> live = queue.await(until);
      if (!live.isEmpty()) {
        return replies.visible(live);
      }
      if (!queue.overflowed()) {
        return List.of();
      }
      logPosition = queue.lostFrom();
      liveFrom = NOT_YET;
      departures++;
      LOG.atInfo()
          .addKeyValue("request_id", id)
          .addKeyValue("offset", logPosition)
          .log("slow client switched to the log");
    }
    return replies.visible(fromLog(until));
  }

  private List<LoggedReply> fromLog(long until) throws InterruptedException {
    queue.throwIfFailed();
    if (beginning != null) {
      return fromCheckpoint(beginning, until);
    }
    if (pending == null) {
      if (logPosition == ReplyLog.FROM_ACCEPTANCE) {
        // Joins early, so that records that come while the log is read need not be read from it.
        join(false);
      }
      pending = replyLog.read(id, logPosition, limits.bytes());
    }
    LogPage page;
    try {
      page = pending.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return List.of();
    } catch (ExecutionException e) {
      // The broker may be back before the request's deadline.
      LOG.atWarn()
          .addKeyValue("request_id", id)
          .setCause(e.getCause())
          .log("reading the reply log failed");
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
      LOG.atDebug().addKeyValue("request_id", id).log("client switched to the live records");
    }
    return page.records();
  }

  /** The records between the last checkpoint and the record after which the client goes on. */
  private List<LoggedReply> fromCheckpoint(CheckpointSearch search, long until)
      throws InterruptedException {
    join(false);
    if (!search.await(until)) {
      return List.of();
    }
    beginning = null;
    Optional<ReplyHistory> history = search.found();
    if (history.isPresent()) {
      history.get().checkpoint().ifPresent(this::beginBehind);
      logPosition = search.offset();
    }
    return history.map(ReplyHistory::records).orElse(List.of());
  }

  private void beginBehind(LoggedReply.Known record) {
    replies.beginBehind(record.reply());
    checkpoint = (Checkpoint) record.reply().getEvent();
  }

  private void join(boolean pause) throws InterruptedException {
    if (liveFrom == NOT_YET) {
      liveFrom = lease().bridge().join(queue);
      if (liveFrom == NOT_YET && pause) {
        TimeUnit.NANOSECONDS.sleep(PAUSE_FOR_BRIDGE.toNanos());
      }
    }
  }

  private ReplyBridges.Lease lease() {
    if (lease == null) {
      lease = bridges.lease(id.replyPartition());
      lease.bridge().add(queue);
    }
    return lease;
  }

  @Override
  public void close() {
    if (lease != null) {
      lease.bridge().remove(queue);
      lease.giveBack().run();
    }
  }
}
