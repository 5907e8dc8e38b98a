package dev.tokenbus.ingress.protocol.openai.chat;

import dev.tokenbus.ingress.protocol.AnswerDocument;
import dev.tokenbus.ingress.protocol.AnswerStream;
import dev.tokenbus.ingress.protocol.ChatSubmission;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.Utf8Buffer;
import dev.tokenbus.ingress.protocol.openai.OpenAiErrors;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import org.jspecify.annotations.Nullable;

/** OpenAI's Chat Completions API, as its reference documents it and its SDKs read it. */
public final class OpenAiChatDialect implements Dialect {
  @Override
  public Protocol protocol() {
    return Protocol.OPENAI_CHAT;
  }

  @Override
  public ChatSubmission parse(byte[] body) {
    return OpenAiChatParser.parse(body);
  }

  @Override
  public AnswerStream stream(RequestId requestId, @Nullable Rendering rendering) {
    return new OpenAiChunks(requestId, rendering);
  }

  @Override
  public AnswerDocument document(RequestId requestId, @Nullable Rendering rendering) {
    return new OpenAiCompletion(requestId, rendering);
  }

  @Override
  public byte[] error(Problem problem) {
    Utf8Buffer out = new Utf8Buffer();
    OpenAiErrors.write(problem, out);
    return out.toByteArray();
  }
}
