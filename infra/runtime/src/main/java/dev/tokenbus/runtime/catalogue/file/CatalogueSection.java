package dev.tokenbus.runtime.catalogue.file;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mapping of the file with its key path. Reading a member makes its key known; {@link #finish}
 * reports the keys that nobody asked for. A member that is wrong is reported and reads as absent.
 * Not thread-safe.
 */
final class CatalogueSection {
  private static final Pattern DURATION = Pattern.compile("(?<number>[0-9]{1,9})(?<unit>ms|s|m|h)");

  private final String path;
  private final YamlNode.Mapping mapping;
  private final CatalogueProblems problems;
  private final EnvironmentReferences references;
  private final Set<String> known = new LinkedHashSet<>();

  CatalogueSection(
      String path,
      YamlNode.Mapping mapping,
      CatalogueProblems problems,
      EnvironmentReferences references) {
    this.path = path;
    this.mapping = mapping;
    this.problems = problems;
    this.references = references;
  }

  String path() {
    return path;
  }

  EnvironmentReferences references() {
    return references;
  }

  boolean has(String key) {
    return mapping.members().containsKey(key);
  }

  /** Reports a problem of a member, or of this mapping where there is no such member. */
  void fail(String key, String message) {
    YamlNode member = mapping.members().get(key);
    problems.add(
        member == null ? mapping.line() : member.line(),
        CatalogueProblems.member(path, key),
        message);
  }

  /** Calls the reader for each named mapping below the key, and reports what it left unread. */
  void each(String key, Pattern names, BiConsumer<String, CatalogueSection> reader) {
    mapping(key)
        .ifPresent(children ->
            children
                .mapping
                .members()
                .forEach((name, node) -> children.child(name, node, names, reader)));
  }

  private void child(
      String name, YamlNode node, Pattern names, BiConsumer<String, CatalogueSection> reader) {
    if (!names.matcher(name).matches()) {
      fail(name, "is not a usable name: it must match " + names.pattern());
      return;
    }
    asMapping(CatalogueProblems.member(path, name), node)
        .ifPresent(section -> {
          reader.accept(name, section);
          section.finish();
        });
  }

  /** The mapping below the key; its reader calls {@link #finish}. */
  Optional<CatalogueSection> mapping(String key) {
    return member(key).flatMap(node -> asMapping(CatalogueProblems.member(path, key), node));
  }

  /** The mappings of the list below the key. */
  List<CatalogueSection> mappings(String key) {
    List<CatalogueSection> sections = new ArrayList<>();
    List<YamlNode> items = items(key);
    for (int index = 0; index < items.size(); index++) {
      asMapping(CatalogueProblems.member(path, key) + "[" + index + "]", items.get(index))
          .ifPresent(sections::add);
    }
    return sections;
  }

  /** The list of words below the key. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    List<YamlNode> items = items(key);
    for (int index = 0; index < items.size(); index++) {
      text(CatalogueProblems.member(path, key) + "[" + index + "]", items.get(index))
          .ifPresent(texts::add);
    }
    return texts;
  }

  /** The mapping of names to texts below the key. */
  Map<String, String> textMap(String key) {
    Map<String, String> texts = new LinkedHashMap<>();
    mapping(key)
        .ifPresent(section ->
            section
                .mapping
                .members()
                .keySet()
                .forEach(name -> section.text(name).ifPresent(value -> texts.put(name, value))));
    return texts;
  }

  /** A text in which references to the environment are resolved. */
  Optional<String> text(String key) {
    return member(key).flatMap(node -> text(CatalogueProblems.member(path, key), node));
  }

  /** As {@link #text}, and its absence is a problem. */
  Optional<String> requiredText(String key) {
    if (!has(key)) {
      known.add(key);
      fail(key, "is missing");
      return Optional.empty();
    }
    return text(key);
  }

  /** The text as it stands in the file. */
  Optional<String> literal(String key) {
    return member(key).flatMap(node -> scalar(CatalogueProblems.member(path, key), node));
  }

  /** A whole number of at least one. */
  Optional<Long> positive(String key, long most) {
    return text(key)
        .flatMap(text -> {
          if (text.matches("[0-9]{1,15}")) {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= most) {
              return Optional.of(number);
            }
          }
          fail(key, "\"" + text + "\" is not a whole number from 1 to " + most);
          return Optional.empty();
        });
  }

  /** A time such as {@code 500ms}, {@code 10s}, {@code 2m} or {@code 1h}; more than nothing. */
  Optional<Duration> duration(String key) {
    return text(key)
        .flatMap(text -> {
          Matcher matcher = DURATION.matcher(text);
          if (matcher.matches() && Long.parseLong(matcher.group("number")) > 0) {
            long number = Long.parseLong(matcher.group("number"));
            return Optional.of(
                switch (matcher.group("unit")) {
                  case "ms" -> Duration.ofMillis(number);
                  case "s" -> Duration.ofSeconds(number);
                  case "m" -> Duration.ofMinutes(number);
                  default -> Duration.ofHours(number);
                });
          }
          fail(key, "\"" + text + "\" is not a duration: write 500ms, 10s, 2m or 1h");
          return Optional.empty();
        });
  }

  /** Reports the members that nobody asked for. */
  void finish() {
    for (String key : mapping.members().keySet()) {
      if (!known.contains(key)) {
        fail(
            key,
            "unknown key"
                + ClosestWord.to(key, known)
                    .map(word -> "; did you mean " + word + "?")
                    .orElse("; known: " + String.join(", ", known)));
      }
    }
  }

  private Optional<YamlNode> member(String key) {
    known.add(key);
    return Optional.ofNullable(mapping.members().get(key));
  }

  private List<YamlNode> items(String key) {
    return member(key)
        .map(node -> {
          if (node instanceof YamlNode.Sequence sequence) {
            return sequence.items();
          }
          fail(key, "must be a list");
          return List.<YamlNode>of();
        })
        .orElse(List.of());
  }

  private Optional<CatalogueSection> asMapping(String childPath, YamlNode node) {
    return switch (node) {
      case YamlNode.Mapping found ->
          Optional.of(new CatalogueSection(childPath, found, problems, references));
      case YamlNode.Empty _ ->
          Optional.of(
              new CatalogueSection(
                  childPath, new YamlNode.Mapping(node.line(), Map.of()), problems, references));
      case YamlNode.Sequence _, YamlNode.Scalar _ -> {
        problems.add(node.line(), childPath, "must be a mapping of keys to values");
        yield Optional.empty();
      }
    };
  }

  private Optional<String> text(String childPath, YamlNode node) {
    return scalar(childPath, node)
        .flatMap(text -> {
          try {
            return Optional.of(references.resolve(text));
          } catch (IllegalArgumentException e) {
            problems.add(node.line(), childPath, String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  private Optional<String> scalar(String childPath, YamlNode node) {
    return switch (node) {
      case YamlNode.Scalar scalar when !scalar.text().isBlank() -> Optional.of(scalar.text());
      case YamlNode.Scalar _, YamlNode.Empty _ -> {
        problems.add(node.line(), childPath, "has no value");
        yield Optional.empty();
      }
      case YamlNode.Mapping _, YamlNode.Sequence _ -> {
        problems.add(node.line(), childPath, "must be a single value");
        yield Optional.empty();
      }
    };
  }
}
