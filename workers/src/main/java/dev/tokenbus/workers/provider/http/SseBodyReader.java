package dev.tokenbus.workers.provider.http;

import dev.tokenbus.runtime.sse.SseParser;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a streamed answer. It is complete at the dialect's end mark, or without one when every
 * choice has said why it ended; a stream that stops earlier was cut, and never passes for complete.
 */
final class SseBodyReader implements ResponseBody.Reader, SseParser.Sink {
  private static final int LONGEST_EVENT = 12 * 1024 * 1024;

  private final HttpCall call;
  private final AnswerReader answer;
  private final @Nullable String requestId;
  private final SseParser parser = new SseParser(LONGEST_EVENT, this);
  private boolean headGiven;
  private @Nullable ProviderFailure failure;

  SseBodyReader(HttpCall call, AnswerReader answer, @Nullable String requestId) {
    this.call = call;
    this.answer = answer;
    this.requestId = requestId;
  }

  @Override
  public void bytes(ByteBuffer piece) {
    if (failure != null) {
      return;
    }
    try {
      parser.feed(piece);
    } catch (SseParser.TooLongException e) {
      failure = failure(ErrorCode.MALFORMED_RESPONSE, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void event(byte[] bytes, int from, int length, boolean error, boolean cut) {
    if (answer.done() || failure != null) {
      return;
    }
    try {
      answer.readEvent(bytes, from, length, error);
      failure = answer.error();
    } catch (IOException e) {
      // Half an event at the end of the stream means that the connection was cut, not that the
      // provider wrote broken JSON.
      if (!cut) {
        failure =
            failure(
                ErrorCode.MALFORMED_RESPONSE,
                "an event of the stream is not JSON: " + e.getMessage());
      }
    }
  }

  @Override
  public boolean readEnded() {
    deliver();
    boolean done = answer.done();
    if (failure != null) {
      call.fail(failure);
    } else if (done && !answer.understood()) {
      call.fail(failure(ErrorCode.MALFORMED_RESPONSE, "the stream held no answer"));
    } else if (done) {
      call.complete(answer.end());
    }
    return done || failure != null;
  }

  @Override
  public void ended(@Nullable Throwable problem) {
    parser.end();
    if (readEnded()) {
      return;
    }
    if (answer.understood() && answer.allFinished()) {
      call.complete(answer.end());
    } else {
      call.cut("ended its stream before the answer was complete", problem, requestId);
    }
  }

  private void deliver() {
    boolean withHead = !headGiven && (answer.hasDeltas() || answer.done());
    headGiven |= withHead;
    call.deliver(answer, requestId, withHead);
  }

  private ProviderFailure failure(ErrorCode code, String message) {
    return new ProviderFailure(code, message, null, null, null, requestId);
  }
}
