package dev.tokenbus.ingress.protocol.openai;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Renders the models of the catalogue as OpenAI's API lists them. */
public final class OpenAiModels {
  private static final String PATH = "/v1/models";
  private static final String NAME = "name";

  private OpenAiModels() {}

  /** The routes of the list and of one model, whose name may contain slashes. */
  public static List<Route> routes() {
    return List.of(
        new Route.ListModels(PATH, (head, models) -> list(models)),
        new Route.GetModel(PATH + "/<" + NAME + ">", NAME, OpenAiModels::one));
  }

  private static byte[] list(Collection<ModelEntry> models) {
    Utf8Buffer out = new Utf8Buffer().ascii("{\"object\":\"list\",\"data\":[");
    String separator = "";
    for (ModelEntry model : models) {
      write(model, out.ascii(separator));
      separator = ",";
    }
    return out.ascii("]}").toByteArray();
  }

  private static byte[] one(String name, Optional<ModelEntry> model) {
    Utf8Buffer out = new Utf8Buffer();
    write(model.orElseThrow(() -> unknown(name)), out);
    return out.toByteArray();
  }

  private static ProblemException unknown(String name) {
    return new ProblemException(
        new Problem(
            ErrorCode.MODEL_NOT_FOUND,
            "The model '" + name + "' does not exist",
            "model",
            null,
            null));
  }

  private static void write(ModelEntry model, Utf8Buffer out) {
    out.ascii("{\"id\":").string(model.getName());
    out.ascii(",\"object\":\"model\",\"created\":").number(model.getCreated().getEpochSecond());
    out.ascii(",\"owned_by\":").string(model.getRoutes().getFirst().getProvider()).ascii("}");
  }
}
