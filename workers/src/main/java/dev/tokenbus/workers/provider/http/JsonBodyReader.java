package dev.tokenbus.workers.provider.http;

import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.ProviderFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer that comes in one piece. A provider may also choose this form where a stream was
 * asked for.
 */
final class JsonBodyReader implements ResponseBody.Reader {
  private static final int LONGEST_ANSWER = 64 * 1024 * 1024;

  private final HttpCall call;
  private final AnswerReader answer;
  private final @Nullable String requestId;
  private final String contentType;
  private final BodyChunks body = new BodyChunks();
  private long length;

  JsonBodyReader(
      HttpCall call, AnswerReader answer, @Nullable String requestId, String contentType) {
    this.call = call;
    this.answer = answer;
    this.requestId = requestId;
    this.contentType = contentType;
  }

  @Override
  public void bytes(ByteBuffer piece) {
    length += piece.remaining();
    if (length <= LONGEST_ANSWER) {
      body.write(piece);
    }
  }

  @Override
  public boolean readEnded() {
    if (length > LONGEST_ANSWER) {
      call.fail(
          ErrorCode.MALFORMED_RESPONSE, "sent more than " + LONGEST_ANSWER + " bytes", requestId);
      return true;
    }
    return false;
  }

  @Override
  public void ended(@Nullable Throwable problem) {
    if (problem != null) {
      call.cut("closed the connection before its answer was complete", problem, requestId);
      return;
    }
    byte[] bytes = body.toByteArray();
    try {
      answer.readWhole(bytes);
    } catch (IOException e) {
      call.fail(
          ErrorCode.MALFORMED_RESPONSE,
          "answered with what is not JSON (" + contentType + "): " + e.getMessage(),
          requestId);
      return;
    }
    ProviderFailure error = answer.error();
    if (error != null) {
      call.fail(error);
    } else if (!answer.understood()) {
      call.fail(ErrorCode.MALFORMED_RESPONSE, "answered without choices", requestId);
    } else {
      call.deliver(answer, requestId, true);
      call.complete(answer.end());
    }
  }
}
