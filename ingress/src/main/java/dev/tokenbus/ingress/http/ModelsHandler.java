package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.Utf8Buffer;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import io.javalin.http.Context;
import java.util.function.Supplier;

/** Serves the catalogue's models in the form of OpenAI's list. Thread-safe. */
public final class ModelsHandler {
  static final String NAME = "name";

  private final Supplier<Catalogue> catalogue;

  public ModelsHandler(Supplier<Catalogue> catalogue) {
    this.catalogue = catalogue;
  }

  void list(Context context) {
    Utf8Buffer out = new Utf8Buffer().ascii("{\"object\":\"list\",\"data\":[");
    String separator = "";
    for (ModelEntry model : catalogue.get().models()) {
      write(model, out.ascii(separator));
      separator = ",";
    }
    answer(context, out.ascii("]}"));
  }

  void one(Context context) {
    String name = context.pathParam(NAME);
    ModelEntry model =
        catalogue
            .get()
            .model(name)
            .orElseThrow(() ->
                new ProblemException(
                    new Problem(
                        ErrorCode.MODEL_NOT_FOUND,
                        "The model '" + name + "' does not exist",
                        "model",
                        null,
                        null)));
    Utf8Buffer out = new Utf8Buffer();
    write(model, out);
    answer(context, out);
  }

  private static void write(ModelEntry model, Utf8Buffer out) {
    out.ascii("{\"id\":").string(model.getName());
    out.ascii(",\"object\":\"model\",\"created\":").number(model.getCreated().getEpochSecond());
    out.ascii(",\"owned_by\":").string(model.getRoutes().getFirst().getProvider()).ascii("}");
  }

  private static void answer(Context context, Utf8Buffer json) {
    context.contentType("application/json").result(json.toByteArray());
  }
}
