package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.access.Caller;
import dev.tokenbus.ingress.protocol.Route;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.schemas.avro.ModelEntry;
import io.javalin.http.Context;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Serves the catalogue's models, as far as the caller may use them, in the form of the dialect that
 * asks. Thread-safe.
 */
public final class ModelsHandler {
  private final Supplier<Catalogue> catalogue;

  public ModelsHandler(Supplier<Catalogue> catalogue) {
    this.catalogue = catalogue;
  }

  void list(Context context, Route.ListModels route) {
    Caller caller = RequestContext.require(context.req()).caller();
    List<ModelEntry> models =
        catalogue.get().models().stream().filter(model -> caller.mayUse(model.getName())).toList();
    respond(context, route.list().render(new ServletRequestHead(context, route.path()), models));
  }

  void one(Context context, Route.GetModel route) {
    String name = new ServletRequestHead(context, route.path()).pathParameter(route.parameter());
    Caller caller = RequestContext.require(context.req()).caller();
    Optional<ModelEntry> model = catalogue.get().model(name).filter(_ -> caller.mayUse(name));
    respond(context, route.detail().render(name, model));
  }

  private static void respond(Context context, byte[] json) {
    context.contentType("application/json").result(json);
  }
}
