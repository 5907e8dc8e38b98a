package dev.tokenbus.ingress.protocol;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a route, in Javalin's notation: <code>{name}</code> stands for text within one
 * segment, <code>&lt;name&gt;</code> for text that may contain slashes. Immutable and thread-safe.
 */
public final class PathTemplate {
  private static final Pattern PARAMETER = Pattern.compile("\\{\\w+}|<\\w+>");

  private final String text;
  private final Pattern form;

  /**
   * Creates a template.
   *
   * @throws IllegalArgumentException if the text does not begin with a slash
   */
  public PathTemplate(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("The path of a route begins with a slash: " + text);
    }
    this.text = text;
    form = form(text);
  }

  /** Whether a path, without its query, has this form. */
  public boolean matches(String path) {
    return form.matcher(path).matches();
  }

  /** The template as it was given. */
  @Override
  public String toString() {
    return text;
  }

  private static Pattern form(String text) {
    StringBuilder regex = new StringBuilder();
    Matcher parameter = PARAMETER.matcher(text);
    int from = 0;
    while (parameter.find()) {
      regex.append(Pattern.quote(text.substring(from, parameter.start())));
      regex.append(parameter.group().charAt(0) == '{' ? "[^/]+" : ".+");
      from = parameter.end();
    }
    return Pattern.compile(regex.append(Pattern.quote(text.substring(from))).toString());
  }
}
