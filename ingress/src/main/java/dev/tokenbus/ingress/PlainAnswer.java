package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.AnswerDocument;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.replies.LoggedReply;
import dev.tokenbus.ingress.replies.ReplyFeed;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Answers in one piece, when all of it is there. One per request; runs on the request's thread. */
final class PlainAnswer {
  private final ReplyFeed feed;
  private final HttpServletResponse response;
  private final Exchange exchange;
  private final Patience patience;
  private final AnswerDocument document;
  private boolean admitted;

  PlainAnswer(
      Question request, HttpServletResponse response, Exchange exchange, Patience patience) {
    this.response = response;
    this.exchange = exchange;
    this.patience = patience;
    feed = request.feed();
    document = request.dialect().document(request.id(), request.rendering());
  }

  /**
   * Returns when the answer is written.
   *
   * @return the earlier request which this one repeats, and then nothing was written
   * @throws ProblemException if the request failed
   * @throws IOException if the client has gone
   */
  Optional<RequestId> run() throws IOException, InterruptedException {
    while (!feed.ended()) {
      List<LoggedReply> records = feed.next(patience.next(System.nanoTime() + Long.MAX_VALUE / 2));
      for (LoggedReply record : records) {
        if (record.reply().getEvent() instanceof Attached attached) {
          return Optional.of(RequestId.parse(attached.getRequestId()));
        }
        take(record);
      }
      if (records.isEmpty()) {
        lookUp(System.nanoTime());
      }
    }
    byte[] body = document.body();
    exchange.firstByte();
    response.setStatus(HttpServletResponse.SC_OK);
    response.setContentType("application/json");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.getOutputStream().close();
    return Optional.empty();
  }

  private void take(LoggedReply record) {
    admitted = true;
    switch (record.reply().getEvent()) {
      case Rejected rejected -> throw new ProblemException(Problem.of(rejected));
      case Failed failed -> throw new ProblemException(Problem.of(failed));
      case null, default -> document.add(record.reply());
    }
  }

  private void lookUp(long now) {
    patience.lookUp(now);
    if (patience.isOver(now)) {
      throw new ProblemException(Patience.nobodyAnswered(admitted));
    }
  }
}
