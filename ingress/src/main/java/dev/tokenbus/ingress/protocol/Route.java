package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.ModelEntry;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A route of a dialect. Dialects may share a method and path; then headers or the query decide, and
 * {@link #UNCLAIMED} comes last.
 */
public sealed interface Route {
  /** The condition of a route that serves every request which no other dialect claims. */
  Predicate<RequestHead> UNCLAIMED = head -> true;

  /** The HTTP method. */
  String method();

  PathTemplate path();

  /** Whether a request with this method and path is one of this dialect. */
  Predicate<RequestHead> claims();

  /** A POST that submits a request to a model. */
  record Submit(PathTemplate path, Predicate<RequestHead> claims, Parser parser) implements Route {
    public Submit(String path, Parser parser) {
      this(new PathTemplate(path), UNCLAIMED, parser);
    }

    @Override
    public String method() {
      return "POST";
    }
  }

  /** A GET of all models. */
  record ListModels(PathTemplate path, Predicate<RequestHead> claims, ModelList list)
      implements Route {
    public ListModels(String path, ModelList list) {
      this(new PathTemplate(path), UNCLAIMED, list);
    }

    @Override
    public String method() {
      return "GET";
    }
  }

  /**
   * A GET of one model.
   *
   * @param parameter the path parameter that names the model
   */
  record GetModel(
      PathTemplate path, Predicate<RequestHead> claims, String parameter, ModelDetail detail)
      implements Route {
    public GetModel(String path, String parameter, ModelDetail detail) {
      this(new PathTemplate(path), UNCLAIMED, parameter, detail);
    }

    @Override
    public String method() {
      return "GET";
    }
  }

  /** Parses a body into a canonical request. Thread-safe. */
  @FunctionalInterface
  interface Parser {
    /**
     * Parses a request.
     *
     * @param head the request's line and headers
     * @param body the whole body as received; it is neither changed nor kept
     * @throws ProblemException if it is not a valid request; the problem names the offending
     *     parameter
     */
    Submission parse(RequestHead head, byte[] body);
  }

  /** Renders models as the dialect lists them. Thread-safe. */
  @FunctionalInterface
  interface ModelList {
    byte[] render(RequestHead head, Collection<ModelEntry> models);
  }

  /** Renders one model as the dialect shows it. Thread-safe. */
  @FunctionalInterface
  interface ModelDetail {
    /**
     * Renders the model.
     *
     * @param model empty if the catalogue has none of that name
     * @throws ProblemException 404 if there is none
     */
    byte[] render(String name, Optional<ModelEntry> model);
  }
}
