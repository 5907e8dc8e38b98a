package dev.tokenbus.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tokenbus.ingress.protocol.AnswerStream;
import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.EventPosition;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.LoggedReply;
import dev.tokenbus.ingress.replies.ReplyFeed;
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
 * Answers with server-sent events. The first decisive record, output or failure, decides the
 * status; when there is none for a while after the admission, the status becomes 200, and a failure
 * after that is an event of the stream.
 *
 * <p>One per request; runs on the request's thread.
 */
final class StreamedAnswer {
  private static final byte[] HEARTBEAT = ": keep-alive\n\n".getBytes(US_ASCII);

  private final Question request;
  private final ReplyFeed feed;
  private final HttpServletResponse response;
  private final Exchange exchange;
  private final IngressSettings settings;
  private final Patience patience;
  private final AnswerStream rendered;
  private final EventBuffer events;
  private boolean admitted;
  private boolean committed;
  private boolean closed;
  private long commitAt = System.nanoTime() + Long.MAX_VALUE / 2;
  private long writtenAt;

  StreamedAnswer(
      Question request,
      HttpServletResponse response,
      Exchange exchange,
      IngressSettings settings,
      Patience patience) {
    this.request = request;
    this.response = response;
    this.exchange = exchange;
    this.settings = settings;
    this.patience = patience;
    feed = request.feed();
    events = new EventBuffer(request.after());
    rendered = request.dialect().stream(request.id(), request.rendering());
  }

  /** Whether the status has gone out, after which no other can. */
  boolean isCommitted() {
    return committed;
  }

  /**
   * Returns when the answer is complete.
   *
   * @return the earlier request which this one repeats, and then nothing was written
   * @throws ProblemException if the request failed before anything was written
   * @throws IOException if the client has gone
   */
  Optional<RequestId> run() throws IOException, InterruptedException {
    while (!feed.ended()) {
      List<LoggedReply> records = feed.next(patience.next(wakeAt()));
      for (LoggedReply record : records) {
        if (record.reply().getEvent() instanceof Attached attached) {
          return Optional.of(RequestId.parse(attached.getRequestId()));
        }
        take(record);
      }
      if (events.length() > 0) {
        write();
      } else if (records.isEmpty() && !feed.ended()) {
        idle(System.nanoTime());
      }
    }
    if (!closed) {
      // The client has seen everything already.
      write();
    }
    return Optional.empty();
  }

  private long wakeAt() {
    return committed ? writtenAt + settings.heartbeat().toNanos() : commitAt;
  }

  private void take(LoggedReply record) {
    if (!committed && request.after() != null) {
      // It has seen the status, which cannot become another.
      commit();
    }
    if (!committed) {
      switch (record.reply().getEvent()) {
        case Admitted first -> {
          admitted = true;
          commitAt = System.nanoTime() + settings.commitAfter().toNanos();
        }
        case Rejected rejected -> throw new ProblemException(Problem.of(rejected));
        case Failed failed -> throw new ProblemException(Problem.of(failed));
        case Deltas output -> commit();
        case Completed end -> commit();
        case null, default -> {
          // Not decisive.
        }
      }
    }
    EventPosition after = request.after();
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
    response.setContentType("text/event-stream;charset=utf-8");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("X-Accel-Buffering", "no");
  }

  private void write() throws IOException {
    exchange.firstByte();
    OutputStream out = response.getOutputStream();
    events.writeTo(out);
    events.clear();
    if (feed.ended()) {
      // The last events and the end of the body in one write.
      out.close();
      closed = true;
    } else {
      out.flush();
    }
    writtenAt = System.nanoTime();
  }

  private void idle(long now) throws IOException {
    patience.lookUp(now);
    if (patience.isOver(now)) {
      giveUp();
    } else if (now - wakeAt() >= 0) {
      if (!committed) {
        commit();
      }
      send(HEARTBEAT);
    }
  }

  /**
   * The router has not ended the request, as it should have: it is not in the log, so it has no
   * event id.
   */
  private void giveUp() throws IOException {
    Problem problem = Patience.nobodyAnswered(admitted);
    if (!committed) {
      throw new ProblemException(problem);
    }
    byte[] error = request.dialect().error(problem);
    byte[] event = new byte[error.length + 8];
    System.arraycopy("data: ".getBytes(US_ASCII), 0, event, 0, 6);
    System.arraycopy(error, 0, event, 6, error.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    send(event);
    throw new DrainedException();
  }

  private void send(byte[] bytes) throws IOException {
    OutputStream out = response.getOutputStream();
    out.write(bytes);
    out.flush();
    writtenAt = System.nanoTime();
  }
}
