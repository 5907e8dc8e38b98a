package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the pieces of one choice's tool calls. Whole answers and some compatible providers give
 * no {@code index}: there every new id begins the next call.
 */
final class ToolCallReader {
  private int last = -1;

  List<ToolCallDelta> number(Pieces pieces) {
    List<ToolCallDelta> deltas = new ArrayList<>(pieces.read.size());
    for (Piece piece : pieces.read) {
      if (piece.index != null) {
        last = piece.index;
      } else if (last < 0 || piece.id != null) {
        last++;
      }
      deltas.add(
          new ToolCallDelta(
              last, piece.id, piece.name, piece.arguments, RawJson.object(piece.extra)));
    }
    return deltas;
  }

  /** The elements of a {@code tool_calls} array as they stand there. */
  static final class Pieces {
    private final List<Piece> read = new ArrayList<>(0);

    /** Reads the array at which the parser stands, up to its end. */
    void read(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        Piece piece = new Piece();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          piece.member(parser, parser.currentName(), parser.nextToken());
        }
        read.add(piece);
      }
    }
  }

  private static final class Piece {
    private @Nullable Integer index;
    private @Nullable String id;
    private @Nullable String name;
    private String arguments = "";
    private final Map<String, String> extra = new LinkedHashMap<>(0);

    private void member(JsonParser parser, String member, JsonToken value) throws IOException {
      boolean text = value == JsonToken.VALUE_STRING;
      if (value == JsonToken.VALUE_NULL) {
        return;
      }
      if (member.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
        index = parser.getIntValue();
      } else if (member.equals("id") && text) {
        // Some providers repeat an empty id in every later piece.
        id = parser.getTextLength() == 0 ? null : parser.getText();
      } else if (member.equals("function") && value == JsonToken.START_OBJECT) {
        function(parser);
      } else if (!(member.equals("type") && text && parser.getText().equals("function"))) {
        extra.put(member, RawJson.text(parser));
      }
    }

    private void function(JsonParser parser) throws IOException {
      Map<String, String> unknown = new LinkedHashMap<>(0);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String member = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == JsonToken.VALUE_NULL) {
          continue;
        }
        if (member.equals("name") && value == JsonToken.VALUE_STRING) {
          name = parser.getText();
        } else if (member.equals("arguments") && value == JsonToken.VALUE_STRING) {
          arguments = parser.getText();
        } else if (member.equals("arguments")) {
          // Some compatible providers send the arguments as an object instead of a string.
          arguments = RawJson.text(parser);
        } else {
          unknown.put(member, RawJson.text(parser));
        }
      }
      String rest = RawJson.object(unknown);
      if (rest != null) {
        extra.put("function", rest);
      }
    }
  }
}
