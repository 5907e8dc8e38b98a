package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.Framing;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.UnreadableReplyException;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * Writes a response as a stream of events. The first record with output or a failure decides the
 * status. If none comes for a while after the admission, the status becomes 200, and a later
 * failure is an event of the stream.
 *
 * <p>One per request; runs on the request's thread.
 */
final class SseResponse {
  private final ResponseContext context;
  private final ReplyFeed feed;
  private final HttpServletResponse response;
  private final RequestContext requestContext;
  private final ResponseSettings settings;
  private final RequestWatchdog watchdog;
  private final StreamRenderer rendered;
  private final Framing framing;
  private final EventBuffer events;
  private boolean admitted;
  private boolean committed;
  private boolean failed;
  private boolean closed;
  private long commitAt = System.nanoTime() + Long.MAX_VALUE / 2;
  private long writtenAt;

  SseResponse(
      ResponseContext context,
      HttpServletResponse response,
      RequestContext requestContext,
      ResponseSettings settings,
      RequestWatchdog watchdog) {
    this.context = context;
    this.response = response;
    this.requestContext = requestContext;
    this.settings = settings;
    this.watchdog = watchdog;
    feed = context.feed();
    framing = context.dialect().framing(context.rendering());
    events = new EventBuffer(framing, context.after());
    rendered = context.dialect().stream(context.id(), context.rendering());
    feed.checkpoint().ifPresent(rendered::resume);
  }

  /** Whether the status has been decided. */
  boolean isCommitted() {
    return committed;
  }

  /**
   * Returns when the response is complete.
   *
   * @return the earlier request that this one repeats; then nothing was written
   * @throws ProblemException if the request failed before anything was written
   * @throws IOException if the client has gone
   */
  Optional<RequestId> run() throws IOException, InterruptedException {
    while (!isOver()) {
      List<LoggedReply.Known> records = next();
      for (LoggedReply.Known record : records) {
        if (record.reply().getEvent() instanceof Attached attached) {
          return Optional.of(RequestId.parse(attached.getRequestId()));
        }
        take(record);
      }
      if (events.length() > 0) {
        write();
      } else if (records.isEmpty() && !isOver()) {
        idle(System.nanoTime());
      }
    }
    if (!closed) {
      // The client has seen every event before.
      write();
    }
    return Optional.empty();
  }

  private List<LoggedReply.Known> next() throws IOException, InterruptedException {
    try {
      return feed.next(watchdog.nextWake(wakeAt()));
    } catch (UnreadableReplyException e) {
      if (!committed && context.after() == null) {
        throw new ProblemException(e.problem());
      }
      commit();
      fail(e.problem());
      return List.of();
    }
  }

  private boolean isOver() {
    return failed || feed.ended();
  }

  private long wakeAt() {
    return committed ? writtenAt + settings.heartbeat().toNanos() : commitAt;
  }

  private void take(LoggedReply.Known record) {
    // A resumed stream may begin behind its admission, and is committed before it sees one.
    admitted = true;
    if (!committed && context.after() != null) {
      // The client has seen status 200 on its first connection.
      commit();
    }
    if (!committed) {
      switch (record.reply().getEvent()) {
        case Admitted first -> commitAt = System.nanoTime() + settings.commitAfter().toNanos();
        case Rejected rejected -> throw new ProblemException(Problem.of(rejected));
        case Failed failed -> throw new ProblemException(Problem.of(failed));
        case Deltas output -> commit();
        case Completed end -> commit();
        case null, default -> {
          // Neither output nor failure: the status stays open.
        }
      }
    }
    EventPosition after = context.after();
    if (after != null && record.offset() < after.offset()) {
      rendered.skip(record.reply());
    } else {
      events.atRecord(record.offset());
      rendered.render(record.reply(), events);
    }
  }

  private void commit() {
    committed = true;
    response.setStatus(HttpServletResponse.SC_OK);
    response.setContentType(framing.contentType());
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("X-Accel-Buffering", "no");
  }

  private void write() throws IOException {
    requestContext.firstByte();
    OutputStream out = response.getOutputStream();
    events.writeTo(out);
    events.clear();
    if (isOver()) {
      // The last events and the end of the body in one write.
      out.close();
      closed = true;
    } else {
      out.flush();
    }
    writtenAt = System.nanoTime();
  }

  private void idle(long now) throws IOException {
    watchdog.check(now);
    if (watchdog.expired(now)) {
      giveUp();
    } else if (now - wakeAt() >= 0) {
      if (!committed) {
        commit();
      }
      send(framing.heartbeat());
    }
  }

  /**
   * The router has not ended the request in time. The error is not in the log, so its event has no
   * id.
   */
  private void giveUp() throws IOException {
    Problem problem = RequestWatchdog.deadlineExceeded(admitted);
    if (!committed) {
      throw new ProblemException(problem);
    }
    fail(problem);
  }

  /** Ends a stream whose status is out with an error that is not in the log. */
  private void fail(Problem problem) throws IOException {
    requestContext.endedAs(problem.code().wireName());
    events.outsideLog();
    rendered.fail(problem, events);
    failed = true;
    write();
  }

  private void send(byte[] bytes) throws IOException {
    OutputStream out = response.getOutputStream();
    out.write(bytes);
    out.flush();
    writtenAt = System.nanoTime();
  }
}
