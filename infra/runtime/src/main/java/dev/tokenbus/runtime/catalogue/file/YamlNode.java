package dev.tokenbus.runtime.catalogue.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of a YAML file that still knows its line. Immutable. */
sealed interface YamlNode {
  /** Counts from 1. */
  int line();

  /** Members in the order of the file. */
  record Mapping(int line, Map<String, YamlNode> members) implements YamlNode {
    public Mapping {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
  }

  record Sequence(int line, List<YamlNode> items) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** Text, number or truth value, as it is written in the file. */
  record Scalar(int line, String text) implements YamlNode {}

  /** A key without a value. */
  record Empty(int line) implements YamlNode {}
}
