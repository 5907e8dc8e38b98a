package dev.tokenbus.runtime.catalogue.file;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The names that a file gives, by kind, so that what refers to them can be held against them. A
 * name counts even when something else in its section is wrong, so that those who refer to it are
 * not reported, too. Not thread-safe.
 */
final class Names {
  static final Pattern SIMPLE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** Part of topic names. */
  static final Pattern PROVIDER = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  static final Pattern MODEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}");

  /** What may be referred to by its name. */
  enum Kind {
    PROVIDER("provider"),
    POLICY("policy"),
    TIER("tier"),
    PLAN("plan"),
    PRICE_PLAN("price plan"),
    GUARDRAIL("guardrail");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  private final Map<Kind, Set<String>> known = new TreeMap<>();

  void add(Kind kind, String name) {
    known.computeIfAbsent(kind, unseen -> new TreeSet<>()).add(name);
  }

  /** The name below the key; one that nobody has given is reported and reads as absent. */
  Optional<String> reference(Kind kind, CatalogueSection section, String key) {
    return section.text(key).filter(name -> isKnown(kind, section, key, name));
  }

  /** The list of names below the key. */
  List<String> references(Kind kind, CatalogueSection section, String key) {
    return section.texts(key).stream().filter(name -> isKnown(kind, section, key, name)).toList();
  }

  private boolean isKnown(Kind kind, CatalogueSection section, String key, String name) {
    Set<String> names = known.getOrDefault(kind, Set.of());
    if (names.contains(name)) {
      return true;
    }
    section.fail(
        key,
        "no "
            + kind.word
            + " named "
            + name
            + "; known: "
            + (names.isEmpty() ? "none" : String.join(", ", names)));
    return false;
  }
}
