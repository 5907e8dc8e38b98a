package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.runtime.config.VariableReferences;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A catalogue in its YAML form: providers and their deployments, models, tenants and their keys,
 * policies, plans, prices, guardrails.
 *
 * <p>Texts may name environment variables ({@code ${NAME}}, {@code ${NAME:-default}}). Secrets
 * must: a provider's key stays a name, which the workers look up in their own environment; a
 * tenant's key is looked up here and leaves as its SHA-256.
 *
 * <p>Immutable and thread-safe.
 */
public final class CatalogueFile {
  private final Map<String, CatalogueEntry> entries;
  private final List<String> warnings;

  CatalogueFile(Map<String, CatalogueEntry> entries, List<String> warnings) {
    this.entries = Collections.unmodifiableMap(new TreeMap<>(entries));
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Reads a file.
   *
   * @param environment from which references and the secrets of tenants' keys are taken
   * @param appliedAt stands in every entry
   * @throws CatalogueFileException if the file says something that cannot be applied; all of it is
   *     named
   * @throws IOException if the file cannot be read
   */
  public static CatalogueFile read(Path file, Map<String, String> environment, Instant appliedAt)
      throws IOException {
    return parse(file.toString(), Files.readString(file), environment, appliedAt);
  }

  /**
   * As {@link #read}, of a text.
   *
   * @param name stands before every problem
   */
  public static CatalogueFile parse(
      String name, String yaml, Map<String, String> environment, Instant appliedAt) {
    CatalogueProblems problems = new CatalogueProblems(name);
    @Nullable YamlNode root = YamlReader.read(yaml, problems);
    if (!(root instanceof YamlNode.Mapping mapping)) {
      problems.add(
          root == null ? 1 : root.line(),
          "",
          "a catalogue is a mapping with providers, models and tenants");
      throw problems.asException();
    }
    CatalogueReader reader = new CatalogueReader(appliedAt);
    reader.read(new CatalogueSection("", mapping, problems, new VariableReferences(environment)));
    if (!problems.isEmpty()) {
      throw problems.asException();
    }
    return new CatalogueFile(reader.entries(), reader.warnings());
  }

  /** The entries by their keys on the topic, in the order of the keys. */
  public Map<String, CatalogueEntry> entries() {
    return entries;
  }

  /**
   * What can be applied but may not be what is wanted; one sentence each, beginning with the key
   * path.
   */
  public List<String> warnings() {
    return warnings;
  }
}
