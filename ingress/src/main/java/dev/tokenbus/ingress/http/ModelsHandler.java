package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.runtime.catalogue.Catalogue;
import io.javalin.http.Context;
import java.util.function.Supplier;

/** Serves the catalogue's models in the form of the dialect that asks. Thread-safe. */
public final class ModelsHandler {
  private final Supplier<Catalogue> catalogue;

  public ModelsHandler(Supplier<Catalogue> catalogue) {
    this.catalogue = catalogue;
  }

  void list(Context context, Route.ListModels route) {
    respond(
        context, route.list().render(new ServletRequestHead(context), catalogue.get().models()));
  }

  void one(Context context, Route.GetModel route) {
    String name = context.pathParam(route.parameter());
    respond(context, route.detail().render(name, catalogue.get().model(name)));
  }

  private static void respond(Context context, byte[] json) {
    context.contentType("application/json").result(json);
  }
}
