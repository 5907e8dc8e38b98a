package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.http.Connections;
import dev.tokenbus.ingress.http.ErrorResponder;
import dev.tokenbus.ingress.http.Headers;
import dev.tokenbus.ingress.http.RequestContext;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;

/**
 * Writes a request's response in the form the client asked for, and cuts the connection of a broken
 * one so that the client cannot take it for a whole one. Thread-safe.
 */
public final class ChatResponder {
  private final ResponseSettings settings;

  public ChatResponder(ResponseSettings settings) {
    this.settings = settings;
  }

  /**
   * Returns when the response has been written, or cannot be written any more.
   *
   * @param onClientGone runs if the client went away before its response was complete
   * @return the earlier request that this one repeats; its response is still to be written
   * @throws ProblemException if the request failed before anything of its response was written
   */
  public Optional<RequestId> respond(
      ResponseContext response, Context context, RequestWatchdog watchdog, Runnable onClientGone)
      throws InterruptedException {
    RequestContext requestContext = RequestContext.require(context.req());
    context.res().setHeader(Headers.REQUEST_ID, response.id().toString());
    boolean committed = false;
    try {
      if (!response.rendering().getStream()) {
        return new JsonResponse(response, context.res(), requestContext, watchdog).run();
      }
      SseResponse stream =
          new SseResponse(response, context.res(), requestContext, settings, watchdog);
      try {
        return stream.run();
      } finally {
        committed = stream.isCommitted();
      }
    } catch (ClientGoneException | IOException e) {
      requestContext.endedAs("client_gone");
      onClientGone.run();
      if (!context.res().isCommitted()) {
        // Only the access log shows this status.
        context.res().setStatus(ErrorCode.CANCELLED.httpStatus());
      }
      Connections.cut(context.req(), e);
    } catch (DrainedException e) {
      if (!committed) {
        throw new ProblemException(
            Problem.of(
                ErrorCode.UNAVAILABLE,
                "This instance is shutting down. Request "
                    + response.id()
                    + " goes on without it."));
      }
      // The missing last chunk tells the client that the response is incomplete.
      requestContext.endedAs("drained");
      Connections.cut(context.req(), e);
    } catch (RuntimeException e) {
      if (!committed) {
        throw e;
      }
      requestContext.endedAs("error");
      ErrorResponder.log(requestContext, e);
      Connections.cut(context.req(), e);
    }
    return Optional.empty();
  }
}
