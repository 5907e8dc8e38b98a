package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.PathTemplate;
import dev.tokenbus.ingress.protocol.RequestHead;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request that Javalin serves.
 *
 * @param template of the route that serves it, which need not be the one that Javalin has found:
 *     dialects may share a path and name its parameters differently; null before it is chosen
 */
public record ServletRequestHead(Context context, @Nullable PathTemplate template)
    implements RequestHead {
  /** The head of a request whose route is not chosen yet. */
  ServletRequestHead(Context context) {
    this(context, null);
  }

  @Override
  public String method() {
    return context.req().getMethod();
  }

  @Override
  public String path() {
    return context.path();
  }

  @Override
  public @Nullable String header(String name) {
    return context.req().getHeader(name);
  }

  @Override
  public @Nullable String query(String name) {
    return context.queryParam(name);
  }

  @Override
  public String pathParameter(String name) {
    if (template == null) {
      throw new IllegalArgumentException("No route is chosen yet that could name " + name);
    }
    return template.parameter(path(), name);
  }
}
