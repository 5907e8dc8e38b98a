package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.protocol.DocumentRenderer;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.ingress.replies.UnreadableReplyException;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Writes a response in one piece once the request has completed. One per request; runs on the
 * request's thread.
 */
final class JsonResponse {
  private final ReplyFeed feed;
  private final HttpServletResponse response;
  private final RequestContext requestContext;
  private final RequestWatchdog watchdog;
  private final DocumentRenderer document;
  private boolean admitted;

  JsonResponse(
      ResponseContext context,
      HttpServletResponse response,
      RequestContext requestContext,
      RequestWatchdog watchdog) {
    this.response = response;
    this.requestContext = requestContext;
    this.watchdog = watchdog;
    feed = context.feed();
    document = context.dialect().document(context.id(), context.rendering());
  }

  /**
   * Returns when the response is written.
   *
   * @return the earlier request that this one repeats; then nothing was written
   * @throws ProblemException if the request failed
   * @throws IOException if the client has gone
   */
  Optional<RequestId> run() throws IOException, InterruptedException {
    while (!feed.ended()) {
      List<LoggedReply.Known> records = next();
      for (LoggedReply.Known record : records) {
        if (record.reply().getEvent() instanceof Attached attached) {
          return Optional.of(RequestId.parse(attached.getRequestId()));
        }
        take(record);
      }
      if (records.isEmpty()) {
        check(System.nanoTime());
      }
    }
    byte[] body = document.body();
    requestContext.firstByte();
    response.setStatus(HttpServletResponse.SC_OK);
    response.setContentType("application/json");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.getOutputStream().close();
    return Optional.empty();
  }

  private List<LoggedReply.Known> next() throws InterruptedException {
    try {
      return feed.next(watchdog.nextWake(System.nanoTime() + Long.MAX_VALUE / 2));
    } catch (UnreadableReplyException e) {
      throw new ProblemException(e.problem());
    }
  }

  private void take(LoggedReply.Known record) {
    admitted = true;
    switch (record.reply().getEvent()) {
      case Rejected rejected -> throw new ProblemException(Problem.of(rejected));
      case Failed failed -> throw new ProblemException(Problem.of(failed));
      case null, default -> document.add(record.reply());
    }
  }

  private void check(long now) {
    watchdog.check(now);
    if (watchdog.expired(now)) {
      throw new ProblemException(RequestWatchdog.deadlineExceeded(admitted));
    }
  }
}
