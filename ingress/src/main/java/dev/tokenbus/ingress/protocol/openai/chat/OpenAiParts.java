package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.ingress.protocol.openai.BadRequest;
import dev.tokenbus.runtime.json.ExtraMembers;
import dev.tokenbus.runtime.json.JsonCursor;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.schemas.avro.AudioPart;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.RawPart;
import dev.tokenbus.schemas.avro.RefusalPart;
import dev.tokenbus.schemas.avro.TextPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses content parts: in one pass where the type comes first, as every SDK writes it, otherwise
 * after a pass that looks for the type. A part with members that the canonical form does not model
 * is kept raw as a whole.
 */
final class OpenAiParts {
  static final String DIALECT = "openai";

  /** A part with its position in the text. */
  record Located(Object part, int from, int to) {}

  private final JsonCursor cursor;
  private final JsonPath path;
  private final int from;
  private final ExtraMembers extra = new ExtraMembers();
  private boolean unmodelled;
  private @Nullable Object part;

  private OpenAiParts(JsonCursor cursor, JsonPath path) {
    this.cursor = cursor;
    this.path = path;
    from = cursor.position();
  }

  /** Parses the array the cursor stands on. */
  static List<Located> read(JsonCursor cursor, JsonPath path) throws IOException {
    List<Located> parts = new ArrayList<>();
    while (cursor.next() != JsonToken.END_ARRAY) {
      parts.add(readPart(cursor, path.at(parts.size())));
    }
    return parts;
  }

  private static Located readPart(JsonCursor cursor, JsonPath path) throws IOException {
    cursor.requireObject(path);
    OpenAiParts reader = new OpenAiParts(cursor, path);
    if (!cursor.nextMember()) {
      throw BadRequest.missing(path.at("type"));
    }
    String name = cursor.member();
    if (name.equals("type")) {
      return reader.members(cursor.string(path.at("type")));
    }
    String type = null;
    do {
      if (name.equals("type")) {
        type = cursor.string(path.at("type"));
      } else {
        cursor.skip();
      }
    } while (cursor.nextMember() && (name = cursor.member()) != null);
    if (type == null) {
      throw BadRequest.missing(path.at("type"));
    }
    try (JsonCursor again = cursor.over(reader.from, cursor.end())) {
      return new OpenAiParts(again, path).members(type);
    }
  }

  private Located members(String type) throws IOException {
    while (cursor.nextMember()) {
      String name = cursor.member();
      if (!name.equals("type")) {
        member(type, name, path.at(name));
      }
    }
    int to = cursor.end();
    return new Located(whole(type, to), from, to);
  }

  private void member(String type, String name, JsonPath at) throws IOException {
    if (!name.equals(contentMember(type))) {
      extra.keep(name, cursor);
      return;
    }
    part =
        switch (type) {
          case "text" -> TextPart.newBuilder().setText(cursor.string(at)).build();
          case "refusal" -> RefusalPart.newBuilder().setText(cursor.string(at)).build();
          case "image_url" -> image(at);
          case "input_audio" -> audio(at);
          case "file" -> file(at);
          default -> throw new IllegalStateException("No content member is known for " + type);
        };
  }

  private static @Nullable String contentMember(String type) {
    return switch (type) {
      case "text", "refusal", "image_url", "input_audio", "file" -> type;
      default -> null;
    };
  }

  private Object whole(String type, int to) {
    String rest = extra.json();
    if (contentMember(type) == null || unmodelled) {
      return raw(to);
    }
    return switch (part) {
      case null -> throw BadRequest.missing(path.at(type));
      case TextPart text -> TextPart.newBuilder(text).setExtra(rest).build();
      case ImagePart image -> ImagePart.newBuilder(image).setExtra(rest).build();
      case AudioPart audio -> AudioPart.newBuilder(audio).setExtra(rest).build();
      case FilePart file -> FilePart.newBuilder(file).setExtra(rest).build();
      case RefusalPart refusal -> rest == null ? refusal : raw(to);
      default -> throw new IllegalStateException("Not a part: " + part.getClass());
    };
  }

  private RawPart raw(int to) {
    return raw(DIALECT, cursor.slice(from, to));
  }

  static RawPart raw(String dialect, String json) {
    return RawPart.newBuilder().setDialect(dialect).setJson(json).build();
  }

  private ImagePart image(JsonPath at) throws IOException {
    String url = null;
    String detail = null;
    cursor.requireObject(at);
    while (cursor.nextMember()) {
      String name = cursor.member();
      if (name.equals("url")) {
        url = cursor.string(at.at(name));
      } else if (name.equals("detail") && !cursor.isNull()) {
        detail = cursor.string(at.at(name));
      } else {
        unmodelled();
      }
    }
    return ImagePart.newBuilder().setUrl(required(url, at.at("url"))).setDetail(detail).build();
  }

  private AudioPart audio(JsonPath at) throws IOException {
    String data = null;
    String format = null;
    cursor.requireObject(at);
    while (cursor.nextMember()) {
      String name = cursor.member();
      if (name.equals("data")) {
        data = cursor.string(at.at(name));
      } else if (name.equals("format")) {
        format = cursor.string(at.at(name));
      } else {
        unmodelled();
      }
    }
    return AudioPart.newBuilder()
        .setData(required(data, at.at("data")))
        .setFormat(required(format, at.at("format")))
        .build();
  }

  private FilePart file(JsonPath at) throws IOException {
    String fileId = null;
    String data = null;
    String filename = null;
    cursor.requireObject(at);
    while (cursor.nextMember()) {
      String name = cursor.member();
      if (cursor.isNull()) {
        unmodelled();
        continue;
      }
      switch (name) {
        case "file_id" -> fileId = cursor.string(at.at(name));
        case "file_data" -> data = cursor.string(at.at(name));
        case "filename" -> filename = cursor.string(at.at(name));
        default -> unmodelled();
      }
    }
    return FilePart.newBuilder().setFileId(fileId).setData(data).setFilename(filename).build();
  }

  private void unmodelled() throws IOException {
    cursor.skip();
    unmodelled = true;
  }

  private static String required(@Nullable String value, JsonPath at) {
    if (value == null) {
      throw BadRequest.missing(at);
    }
    return value;
  }
}
