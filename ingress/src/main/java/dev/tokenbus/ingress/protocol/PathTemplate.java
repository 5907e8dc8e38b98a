package dev.tokenbus.ingress.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a route, in Javalin's notation: <code>{name}</code> stands for text within one
 * segment, <code>&lt;name&gt;</code> for text that may contain slashes. Immutable and thread-safe.
 */
public final class PathTemplate {
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}|<(\\w+)>");

  private final String text;
  private final List<String> parameters;
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
    parameters =
        PARAMETER
            .matcher(text)
            .results()
            .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
            .toList();
    form = form(text);
  }

  /** Whether a path, without its query and percent-encoded as it was sent, has this form. */
  public boolean matches(String path) {
    return form.matcher(path).matches();
  }

  /**
   * The value of a parameter in a path that has this form, decoded.
   *
   * @throws IllegalArgumentException if the template has no such parameter or the path another form
   */
  public String parameter(String path, String name) {
    Matcher values = form.matcher(path);
    int index = parameters.indexOf(name);
    if (index < 0 || !values.matches()) {
      throw new IllegalArgumentException("Path " + path + " has no " + name + " of " + text);
    }
    // What is a form's way to write a space is a plus in a path.
    return URLDecoder.decode(values.group(index + 1).replace("+", "%2B"), UTF_8);
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
      regex.append(parameter.group().charAt(0) == '{' ? "([^/]+)" : "(.+)");
      from = parameter.end();
    }
    return Pattern.compile(regex.append(Pattern.quote(text.substring(from))).toString());
  }
}
