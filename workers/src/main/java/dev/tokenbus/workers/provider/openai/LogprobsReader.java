package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.RawJson;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.PositionLogprobs;
import dev.tokenbus.schemas.avro.TokenLogprob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the {@code logprobs} object of a choice: positions of its content and of its refusal. */
final class LogprobsReader {
  private LogprobsReader() {}

  /**
   * Reads an object.
   *
   * @return empty where it says more or other than this form has, as with some compatible servers
   */
  static List<LogprobsDelta> read(String json) throws IOException {
    List<LogprobsDelta> deltas = new ArrayList<>(1);
    try (JsonParser parser = RawJson.FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return List.of();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        boolean refusal = name.equals("refusal");
        if (value == JsonToken.START_ARRAY && (refusal || name.equals("content"))) {
          List<PositionLogprobs> positions = positions(parser);
          if (positions == null) {
            return List.of();
          }
          deltas.add(new LogprobsDelta(positions, refusal));
        } else if (value != JsonToken.VALUE_NULL) {
          return List.of();
        }
      }
    }
    return deltas;
  }

  /** Null where a position is of another form. */
  private static @Nullable List<PositionLogprobs> positions(JsonParser parser) throws IOException {
    List<PositionLogprobs> positions = new ArrayList<>();
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      Position position = new Position();
      if (!position.read(parser)) {
        return null;
      }
      positions.add(new PositionLogprobs(position.logprob(), position.top));
    }
    return positions;
  }

  private static final class Position {
    private @Nullable String token;
    private double logprob;
    private @Nullable ByteBuffer bytes;
    private List<TokenLogprob> top = List.of();

    private TokenLogprob logprob() {
      return new TokenLogprob(Objects.requireNonNull(token), logprob, bytes);
    }

    private boolean read(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("token") && value == JsonToken.VALUE_STRING) {
          token = parser.getText();
        } else if (name.equals("logprob") && value.isNumeric()) {
          logprob = parser.getDoubleValue();
        } else if (name.equals("bytes") && value == JsonToken.START_ARRAY) {
          bytes = bytes(parser);
        } else if (name.equals("top_logprobs") && value == JsonToken.START_ARRAY) {
          top = new ArrayList<>();
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            Position candidate = new Position();
            if (!candidate.read(parser)) {
              return false;
            }
            top.add(candidate.logprob());
          }
        } else if (value != JsonToken.VALUE_NULL) {
          return false;
        }
      }
      return token != null;
    }

    private static ByteBuffer bytes(JsonParser parser) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        bytes.write(parser.getIntValue());
      }
      return ByteBuffer.wrap(bytes.toByteArray());
    }
  }
}
