package dev.tokenbus.ingress.protocol.plain;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.ingress.protocol.ChatFeatures;
import dev.tokenbus.ingress.protocol.Dialect;
import dev.tokenbus.ingress.protocol.DocumentRenderer;
import dev.tokenbus.ingress.protocol.ErrorResponse;
import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.Framing;
import dev.tokenbus.ingress.protocol.PathTemplate;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.RequestHead;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.ingress.protocol.SseFraming;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.RoutingPreferences;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dialect of the tests that differs from OpenAI's in all that a dialect owns: the model is in the
 * path, the query asks for a stream, the prompt is a JSON string, and streams have neither ids nor
 * comments. It shares the paths of OpenAI's models, told by a header, and names their parameter
 * differently.
 */
public final class PlainDialect implements Dialect {
  @Override
  public Protocol protocol() {
    return Protocol.LEGACY_FUNCTIONS;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route.Submit("/plain/{model}:say", PlainDialect::parse),
        new Route.ListModels(
            new PathTemplate("/v1/models"),
            head -> head.header("x-plain") != null,
            (head, models) -> ("plain " + models.size()).getBytes(UTF_8)),
        new Route.GetModel(
            new PathTemplate("/v1/models/{model_id}"),
            head -> head.header("x-plain") != null,
            "model_id",
            (name, model) -> ("plain " + name).getBytes(UTF_8)));
  }

  private static Submission parse(RequestHead head, byte[] body) {
    String text = new String(body, UTF_8);
    if (!text.startsWith("\"")) {
      throw new ProblemException(Problem.invalid("Say it in quotes.", null, null));
    }
    String model = head.pathParameter("model");
    boolean stream = "stream".equals(head.query("as"));
    ChatRequest request =
        ChatRequest.newBuilder()
            .setModel(model)
            .setMessages(
                List.of(
                    Message.newBuilder()
                        .setRole(Role.USER)
                        .setParts(List.of(TextPart.newBuilder().setText(text).build()))
                        .setForm(ContentForm.STRING)
                        .build()))
            .setSampling(Sampling.newBuilder().build())
            .setStream(stream)
            .build();
    return new Submission(
        new Submission.Header(
            BodyKind.CHAT,
            model,
            stream,
            false,
            ChatFeatures.of(request, body.length),
            RoutingPreferences.newBuilder().build(),
            Map.of("loud", String.valueOf(head.header("x-loud") != null)),
            null,
            null,
            Priority.INTERACTIVE),
        new RequestBody(request));
  }

  @Override
  public Framing framing(Rendering rendering) {
    return SseFraming.BARE;
  }

  @Override
  public StreamRenderer stream(RequestId requestId, @Nullable Rendering rendering) {
    boolean loud = rendering != null && "true".equals(rendering.getOptions().get("loud"));
    return new PlainStream(loud);
  }

  @Override
  public DocumentRenderer document(RequestId requestId, @Nullable Rendering rendering) {
    return new PlainDocument();
  }

  @Override
  public ErrorResponse error(Problem problem) {
    int status = problem.code() == ErrorCode.MODEL_NOT_FOUND ? 418 : problem.code().httpStatus();
    return new ErrorResponse(
        status, "text/plain", problem.message().getBytes(UTF_8), Map.of("x-plain-error", "yes"));
  }

  private static String text(Reply reply) {
    StringBuilder text = new StringBuilder();
    if (reply.getEvent() instanceof Deltas deltas) {
      for (Delta delta : deltas.getDeltas()) {
        if (delta.getContent() instanceof TextDelta piece) {
          text.append(piece.getText());
        }
      }
    }
    return text.toString();
  }

  private record PlainStream(boolean loud) implements StreamRenderer {
    @Override
    public void render(Reply reply, EventBuffer out) {
      String text = text(reply);
      if (!text.isEmpty()) {
        out.begin();
        out.ascii(text).ascii(loud ? "!" : "");
        out.end();
      } else if (reply.getEvent() instanceof Failed failed) {
        fail(Problem.of(failed), out);
      }
    }

    @Override
    public void skip(Reply reply) {
      // Nothing depends on what came before.
    }

    @Override
    public void resume(Checkpoint checkpoint) {
      // As above.
    }

    @Override
    public void fail(Problem problem, EventBuffer out) {
      out.begin("oops");
      out.ascii(problem.message());
      out.end();
    }
  }

  private static final class PlainDocument implements DocumentRenderer {
    private final StringBuilder all = new StringBuilder();

    @Override
    public void add(Reply reply) {
      all.append(text(reply));
    }

    @Override
    public byte[] body() {
      return all.toString().getBytes(UTF_8);
    }
  }
}
