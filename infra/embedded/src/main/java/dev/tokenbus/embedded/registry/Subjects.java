package dev.tokenbus.embedded.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/**
 * Subjects with their versions, schemas with their ids. The same schema has the same id in every
 * subject. Thread-safe.
 */
final class Subjects {
  /** A schema in its place. */
  record Version(String subject, int version, int id, Schema schema) {}

  private final List<Schema> schemas = new ArrayList<>(); // id - 1
  private final Map<String, List<Version>> subjects = new TreeMap<>();
  private final Map<String, Compatibility> levels = new HashMap<>();
  private Compatibility defaultLevel = Compatibility.BACKWARD;

  synchronized Version register(String subject, String text) {
    Schema schema = parse(text);
    List<Version> versions = subjects.getOrDefault(subject, List.of());
    for (Version version : versions) {
      if (same(version.schema(), schema)) {
        return version;
      }
    }
    if (!level(subject).allows(schema, newestFirst(versions))) {
      throw RegistryError.incompatible(subject);
    }
    Version added = new Version(subject, versions.size() + 1, idOf(schema), schema);
    subjects.computeIfAbsent(subject, name -> new ArrayList<>()).add(added);
    return added;
  }

  synchronized Version find(String subject, String text) {
    Schema schema = parse(text);
    return versions(subject).stream()
        .filter(version -> same(version.schema(), schema))
        .findFirst()
        .orElseThrow(() -> RegistryError.noSuchSchema("under subject " + subject));
  }

  synchronized boolean isCompatible(String subject, String version, String text) {
    Schema schema = parse(text);
    return level(subject).allows(schema, List.of(version(subject, version).schema()));
  }

  synchronized Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw RegistryError.noSuchSchema(String.valueOf(id));
    }
    return schemas.get(id - 1);
  }

  synchronized Version version(String subject, String version) {
    List<Version> versions = versions(subject);
    if (version.equals("latest")) {
      return versions.getLast();
    }
    return versions.stream()
        .filter(candidate -> String.valueOf(candidate.version()).equals(version))
        .findFirst()
        .orElseThrow(() -> RegistryError.noSuchVersion(version));
  }

  synchronized List<Version> versions(String subject) {
    List<Version> versions = subjects.get(subject);
    if (versions == null) {
      throw RegistryError.noSuchSubject(subject);
    }
    return List.copyOf(versions);
  }

  synchronized List<String> names() {
    return List.copyOf(subjects.keySet());
  }

  synchronized Compatibility level(String subject) {
    return levels.getOrDefault(subject, defaultLevel);
  }

  synchronized Compatibility defaultLevel() {
    return defaultLevel;
  }

  synchronized void setLevel(String subject, Compatibility level) {
    levels.put(subject, level);
  }

  synchronized void setDefaultLevel(Compatibility level) {
    defaultLevel = level;
  }

  private int idOf(Schema schema) {
    for (int i = 0; i < schemas.size(); i++) {
      if (same(schemas.get(i), schema)) {
        return i + 1;
      }
    }
    schemas.add(schema);
    return schemas.size();
  }

  /** Schema.equals takes no notice of documentation; for a registry that is another schema. */
  private static boolean same(Schema one, Schema other) {
    return one.toString().equals(other.toString());
  }

  private static List<Schema> newestFirst(List<Version> versions) {
    return versions.reversed().stream().map(Version::schema).toList();
  }

  private static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (SchemaParseException | AvroTypeException e) {
      throw new RegistryError(42201, "Input schema is an invalid Avro schema: " + e.getMessage());
    }
  }
}
