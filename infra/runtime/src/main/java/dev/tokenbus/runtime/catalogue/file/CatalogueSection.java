package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.runtime.config.VariableReferences;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One mapping of the file with its key path. Reading a member makes its key known; {@link #finish}
 * reports the keys that nobody asked for. A member that is wrong is reported and reads as absent.
 * Not thread-safe.
 */
final class CatalogueSection {
  private final String path;
  private final YamlNode.Mapping mapping;
  private final CatalogueProblems problems;
  private final VariableReferences references;
  private final Set<String> known = new LinkedHashSet<>();

  CatalogueSection(
      String path,
      YamlNode.Mapping mapping,
      CatalogueProblems problems,
      VariableReferences references) {
    this.path = path;
    this.mapping = mapping;
    this.problems = problems;
    this.references = references;
  }

  String path() {
    return path;
  }

  VariableReferences references() {
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
    return words(key, this::text);
  }

  /** The list of words below the key, as they stand in the file. */
  List<String> literals(String key) {
    return words(key, this::scalar);
  }

  private List<String> words(String key, BiFunction<String, YamlNode, Optional<String>> reader) {
    List<String> words = new ArrayList<>();
    List<YamlNode> items = items(key);
    for (int index = 0; index < items.size(); index++) {
      reader
          .apply(CatalogueProblems.member(path, key) + "[" + index + "]", items.get(index))
          .ifPresent(words::add);
    }
    return words;
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

  /** Makes keys known that are asked for only where they are there. */
  void declare(String... keys) {
    known.addAll(List.of(keys));
  }

  /** Whether the keys are there; the absence of each is a problem. */
  boolean requireKeys(String... keys) {
    boolean complete = true;
    for (String key : keys) {
      known.add(key);
      if (!has(key)) {
        fail(key, "is missing");
        complete = false;
      }
    }
    return complete;
  }

  /** As {@link #text}, and its absence is a problem. */
  Optional<String> requiredText(String key) {
    return requireKeys(key) ? text(key) : Optional.empty();
  }

  /** The text as it stands in the file. */
  Optional<String> literal(String key) {
    return member(key).flatMap(node -> scalar(CatalogueProblems.member(path, key), node));
  }

  /**
   * A value in a format; what the format throws is reported as a problem.
   *
   * @param format throws IllegalArgumentException for what is not in the format
   */
  <T> Optional<T> value(String key, Function<String, T> format) {
    return text(key)
        .flatMap(text -> {
          try {
            return Optional.of(format.apply(text));
          } catch (IllegalArgumentException e) {
            fail(key, String.valueOf(e.getMessage()));
            return Optional.empty();
          }
        });
  }

  /** A whole number of at least one. */
  Optional<Long> positive(String key, long most) {
    return value(key, Formats.number(1, most));
  }

  /** A time in milliseconds, written as {@link Formats#duration}. */
  Optional<Long> millis(String key) {
    return value(key, Formats::duration).map(Duration::toMillis);
  }

  /** The names of the members, each of which its reader asks for. */
  Set<String> names() {
    return mapping.members().keySet();
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
