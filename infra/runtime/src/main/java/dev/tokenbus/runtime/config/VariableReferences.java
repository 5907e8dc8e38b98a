package dev.tokenbus.runtime.config;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code ${NAME}} and {@code ${NAME:-default}} in texts. Immutable and thread-safe. */
public final class VariableReferences {
  private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{(?<name>" + NAME + ")(?<hasDefault>:-(?<default>[^}]*))?}");
  private static final Pattern NAME_ALONE = Pattern.compile("\\$\\{(?<name>" + NAME + ")}");

  private final Map<String, String> environment;

  public VariableReferences(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** A variable's value; empty where it is not set or blank. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** The variable's name if the text is one reference and nothing else, without a default. */
  public static Optional<String> nameAlone(String text) {
    Matcher matcher = NAME_ALONE.matcher(text);
    return matcher.matches() ? Optional.of(matcher.group("name")) : Optional.empty();
  }

  /**
   * Replaces every reference by its value.
   *
   * @throws IllegalArgumentException if a variable without a default is not set, or a reference is
   *     not well formed
   */
  public String resolve(String text) {
    StringBuilder resolved = new StringBuilder();
    Matcher matcher = REFERENCE.matcher(text);
    int end = 0;
    while (matcher.find()) {
      resolved.append(requireNoReference(text.substring(end, matcher.start())));
      String name = matcher.group("name");
      @Nullable String fallback =
          matcher.group("hasDefault") == null ? null : matcher.group("default");
      resolved.append(
          value(name)
              .or(() -> Optional.ofNullable(fallback))
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "the environment variable " + name + " is not set")));
      end = matcher.end();
    }
    return resolved.append(requireNoReference(text.substring(end))).toString();
  }

  private static String requireNoReference(String text) {
    if (text.contains("${")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a reference: write ${NAME} or ${NAME:-default}");
    }
    return text;
  }
}
