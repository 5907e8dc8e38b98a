package dev.tokenbus.ingress;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;

/**
 * Gives a request's answer to a client that waits for it, in the form it asked for, and sees to it
 * that no broken answer can be taken for a whole one. Thread-safe.
 */
final class Answers {
  private final IngressSettings settings;

  Answers(IngressSettings settings) {
    this.settings = settings;
  }

  /**
   * Returns when the answer has been given, or cannot be given any more.
   *
   * @param onClientGone run if the client went away before its answer was complete
   * @return the earlier request which this one repeats, whose answer is still to be given instead
   * @throws ProblemException if the request failed before anything of its answer was given
   */
  Optional<RequestId> give(
      Question question, Context context, Patience patience, Runnable onClientGone)
      throws InterruptedException {
    Exchange exchange = Exchange.require(context.req());
    context.res().setHeader(Headers.REQUEST_ID, question.id().toString());
    boolean committed = false;
    try {
      if (!question.rendering().getStream()) {
        return new PlainAnswer(question, context.res(), exchange, patience).run();
      }
      StreamedAnswer answer =
          new StreamedAnswer(question, context.res(), exchange, settings, patience);
      try {
        return answer.run();
      } finally {
        committed = answer.isCommitted();
      }
    } catch (ClientGoneException | IOException e) {
      exchange.endedAs("client_gone");
      onClientGone.run();
      if (!context.res().isCommitted()) {
        // For the log line alone: nobody will see it.
        context.res().setStatus(ErrorCode.CANCELLED.httpStatus());
      }
      Connections.cut(context.req(), e);
    } catch (DrainedException e) {
      if (!committed) {
        throw new ProblemException(
            Problem.of(
                ErrorCode.UNAVAILABLE,
                "This instance is shutting down. Request "
                    + question.id()
                    + " goes on without it."));
      }
      // An end without its last chunk, so that nobody takes what came for the whole answer.
      exchange.endedAs("drained");
      Connections.cut(context.req(), e);
    } catch (RuntimeException e) {
      if (!committed) {
        throw e;
      }
      exchange.endedAs("error");
      Failures.log(exchange, e);
      Connections.cut(context.req(), e);
    }
    return Optional.empty();
  }
}
