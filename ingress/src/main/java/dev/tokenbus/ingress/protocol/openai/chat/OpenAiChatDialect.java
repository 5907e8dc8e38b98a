package dev.tokenbus.ingress.protocol.openai.chat;

import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.DocumentRenderer;
import dev.tokenbus.ingress.protocol.ErrorResponse;
import dev.tokenbus.ingress.protocol.Framing;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.ingress.protocol.SseFraming;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.ingress.protocol.openai.OpenAiErrors;
import dev.tokenbus.ingress.protocol.openai.OpenAiModels;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** OpenAI's Chat Completions API, as its reference documents it and its SDKs read it. */
public final class OpenAiChatDialect implements Dialect {
  /** Where requests are posted. */
  public static final String PATH = "/v1/chat/completions";

  @Override
  public Protocol protocol() {
    return Protocol.OPENAI_CHAT;
  }

  @Override
  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(new Route.Submit(PATH, (head, body) -> OpenAiChatParser.parse(body)));
    routes.addAll(OpenAiModels.routes());
    return routes;
  }

  @Override
  public Framing framing(Rendering rendering) {
    return SseFraming.FULL;
  }

  @Override
  public StreamRenderer stream(RequestId requestId, @Nullable Rendering rendering) {
    return new OpenAiChunks(requestId, rendering);
  }

  @Override
  public DocumentRenderer document(RequestId requestId, @Nullable Rendering rendering) {
    return new OpenAiCompletion(requestId, rendering);
  }

  @Override
  public ErrorResponse error(Problem problem) {
    return OpenAiErrors.response(problem);
  }
}
