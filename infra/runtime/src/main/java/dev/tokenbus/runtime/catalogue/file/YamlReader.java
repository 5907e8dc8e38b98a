package dev.tokenbus.runtime.catalogue.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML into {@link YamlNode}s, because Jackson's own tree forgets the lines that messages
 * need.
 */
final class YamlReader {
  private static final YAMLFactory YAML = new YAMLFactory();

  private final CatalogueProblems problems;
  private final YAMLParser parser;

  private YamlReader(CatalogueProblems problems, YAMLParser parser) {
    this.problems = problems;
    this.parser = parser;
  }

  /**
   * Returns null for a file with nothing in it.
   *
   * @throws CatalogueFileException if the text is not YAML
   */
  static @Nullable YamlNode read(String yaml, CatalogueProblems problems) {
    try (YAMLParser parser = YAML.createParser(yaml)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return null;
      }
      YamlNode root = new YamlReader(problems, parser).node("", token);
      if (parser.nextToken() != null) {
        problems.add(
            parser.currentTokenLocation().getLineNr(),
            "",
            "a second YAML document begins here; a catalogue is one document");
      }
      return root;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      problems.add(line, "", "not YAML: " + e.getOriginalMessage().lines().findFirst().orElse(""));
      throw problems.asException();
    } catch (IOException e) {
      throw new IllegalStateException("Cannot happen: reading from memory", e);
    }
  }

  private YamlNode node(String path, JsonToken token) throws IOException {
    int line = line();
    if (parser.isCurrentAlias()) {
      problems.add(
          line, path, "aliases (*" + parser.getText() + ") are not supported: repeat the value");
      throw problems.asException();
    }
    if (token == JsonToken.START_OBJECT) {
      return mapping(path, line);
    }
    if (token == JsonToken.START_ARRAY) {
      return sequence(path, line);
    }
    if (token == JsonToken.VALUE_NULL) {
      return new YamlNode.Empty(line);
    }
    return new YamlNode.Scalar(line, parser.getText());
  }

  private YamlNode mapping(String path, int line) throws IOException {
    Map<String, YamlNode> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      int nameLine = line();
      String memberPath = CatalogueProblems.member(path, name);
      YamlNode value = node(memberPath, Objects.requireNonNull(parser.nextToken()));
      if (members.putIfAbsent(name, value) != null) {
        problems.add(nameLine, memberPath, "is given twice");
      }
    }
    return new YamlNode.Mapping(line, members);
  }

  private YamlNode sequence(String path, int line) throws IOException {
    List<YamlNode> items = new ArrayList<>();
    JsonToken token = parser.nextToken();
    while (token != JsonToken.END_ARRAY) {
      items.add(node(path + "[" + items.size() + "]", Objects.requireNonNull(token)));
      token = parser.nextToken();
    }
    return new YamlNode.Sequence(line, items);
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }
}
