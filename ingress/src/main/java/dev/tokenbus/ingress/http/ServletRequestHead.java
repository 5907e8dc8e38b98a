package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.RequestHead;
import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** The head of a request that Javalin serves. */
public record ServletRequestHead(Context context) implements RequestHead {
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
    return context.pathParam(name);
  }
}
