package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.replies.ReplyFold;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(200);

  private final RequestId id;
  private final ReplyBridge bridge;
  private final ReplyLog log;
  private final ReplyStream stream;
  private final FeedLimits limits;
  private final ReplyFold fold = new ReplyFold();

  /** Where the log is to be read, or {@link #LIVE}. */
  private long logPosition = LIVE;

  /**
   * The offset from which on the bridge has everything, once it has been asked; negative before.
   */
  private long liveFrom = -1;

  private int departures;
  private @Nullable CompletableFuture<LogPage> pending;

  private ReplyFeed(RequestId id, ReplyBridge bridge, ReplyLog log, FeedLimits limits) {
    this.id = id;
    this.bridge = bridge;
    this.log = log;
    this.limits = limits;
    stream = bridge.open(id.toString(), limits);
  }

  /**
   * A feed of a request that is yet to be accepted, so that nothing of it can have been missed.
   *
   * @param id made for the bridge's partition
   */
  public static ReplyFeed live(RequestId id, ReplyBridge bridge, ReplyLog log, FeedLimits limits) {
    if (id.replyPartition() != bridge.partition()) {
      throw new IllegalArgumentException(
          "Request " + id + " is not answered on partition " + bridge.partition());
    }
    return new ReplyFeed(id, bridge, log, limits);
  }

  /**
   * Waits for visible records.
   *
   * @param until on the scale of {@link System#nanoTime()}
   * @return what has come, which may be nothing, also before the time
   * @throws RuntimeException what {@link #fail} was given
   */
  public List<LoggedReply> next(long until) throws InterruptedException {
    if (logPosition == LIVE) {
      List<LoggedReply> live = stream.await(until);
      if (!live.isEmpty()) {
        return visible(live);
      }
      if (!stream.overflowed()) {
        return List.of();
      }
      logPosition = stream.lostFrom();
      liveFrom = -1;
      departures++;
      LOG.atInfo()
          .addKeyValue("request_id", id)
          .addKeyValue("offset", logPosition)
          .log("slow client left the live feed");
    }
    return visible(fromLog(until));
  }

  /** Whether the last record has been read. */
  public boolean ended() {
    return fold.ended();
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

  private List<LoggedReply> fromLog(long until) throws InterruptedException {
    stream.throwIfFailed();
    if (pending == null) {
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
    if (page.atEnd() && liveFrom < 0) {
      liveFrom = bridge.rejoin(stream);
    }
    List<LoggedReply> records = page.records();
    if (liveFrom >= 0 && logPosition >= liveFrom) {
      logPosition = LIVE;
      LOG.atInfo().addKeyValue("request_id", id).log("slow client caught up");
    }
    return records;
  }

  /** Records that came both ways are repeats, which the fold knows. */
  private List<LoggedReply> visible(List<LoggedReply> records) {
    return records.stream().filter(record -> isVisible(record.reply())).toList();
  }

  private boolean isVisible(Reply reply) {
    return switch (fold.accept(reply)) {
      case VISIBLE, LAST -> true;
      case IGNORED, GAP -> false;
    };
  }

  @Override
  public void close() {
    bridge.remove(stream);
  }
}
