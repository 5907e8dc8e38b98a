package dev.tokenbus.workers.provider.openai;

import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A streamed answer. It is complete at {@code [DONE]}, or without one when every choice has said
 * why it ended; a stream that stops earlier was cut, and never passes for complete.
 */
final class StreamedAnswer implements AnswerBody.Reader, SseParser.Sink {
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};
  private static final int LONGEST_EVENT = 12 * 1024 * 1024;

  private final OpenAiCall call;
  private final AnswerReader answer;
  private final @Nullable String requestId;
  private final SseParser parser = new SseParser(LONGEST_EVENT, this);
  private boolean headGiven;
  private boolean done;
  private @Nullable ProviderFailure failure;

  StreamedAnswer(OpenAiCall call, AnswerReader answer, @Nullable String requestId) {
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
    if (done || failure != null) {
      return;
    }
    if (Arrays.equals(bytes, from, from + length, DONE, 0, DONE.length)) {
      done = true;
      return;
    }
    try {
      answer.read(bytes, from, length);
      if (answer.error() != null) {
        failure = answer.error();
      } else if (error) {
        failure = ErrorBody.read(Arrays.copyOfRange(bytes, from, from + length)).inStream();
      }
    } catch (IOException e) {
      // Half an event at the end of the stream is not the provider's JSON going wrong but its
      // connection.
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
      call.fail(
          failure(
              ErrorCode.STREAM_CUT,
              "the connection ended before the answer was complete"
                  + (problem == null ? "" : ": " + problem.getMessage())));
    }
  }

  private void deliver() {
    boolean withHead = !headGiven && (answer.hasDeltas() || done);
    headGiven |= withHead;
    call.deliver(answer, requestId, withHead);
  }

  private ProviderFailure failure(ErrorCode code, String message) {
    return new ProviderFailure(code, message, null, null, null, requestId);
  }
}
