package dev.tokenbus.ingress.protocol.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Walks over a JSON text that lies in memory as UTF-8, and hands out pieces of it to the letter. A
 * long string is copied once, from the body into the {@link String}.
 *
 * <p>Refuses what would mean different things to different readers: double members, NaN, text
 * behind the end. Methods that read a value expect the cursor to stand on it and leave it on the
 * value's last token. Not thread-safe.
 */
final class JsonCursor implements AutoCloseable {
  /** Deeper than any JSON Schema in use; far less than any reader's stack. */
  static final int MAX_DEPTH = 256;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE) // the body's limit is the limit
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Always UTF-8: no guessing of UTF-16, no byte order mark.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          // Names come from strangers: do not keep them for ever, do not fail on made-up
          // collisions.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .build();

  private final byte[] text;
  private final int base;
  private final JsonParser parser;

  /** A cursor before the first token of the text. */
  JsonCursor(byte[] text) throws IOException {
    this(text, 0, text.length);
  }

  private JsonCursor(byte[] text, int from, int to) throws IOException {
    this.text = text;
    base = from;
    parser = FACTORY.createParser(text, from, to - from);
  }

  /** A second cursor that stands on the value between two positions. */
  JsonCursor over(int from, int to) throws IOException {
    JsonCursor cursor = new JsonCursor(text, from, to);
    cursor.next();
    return cursor;
  }

  /** Moves on; null behind the end. */
  @SuppressWarnings("NullAway") // Jackson's contract: null at the end
  JsonToken next() throws IOException {
    return parser.nextToken();
  }

  /**
   * Moves to the next member of the object the cursor is in.
   *
   * @return false at the object's end
   */
  boolean nextMember() throws IOException {
    return parser.nextToken() == JsonToken.FIELD_NAME;
  }

  /** The name of the member the cursor stands on; moves on to its value. */
  String member() throws IOException {
    String name = parser.currentName();
    parser.nextToken();
    return name;
  }

  JsonToken token() {
    return parser.currentToken();
  }

  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** Where the current token begins. */
  int position() {
    return base + (int) parser.currentTokenLocation().getByteOffset();
  }

  /** Where the text goes on behind the current token. */
  int end() {
    return token() == JsonToken.VALUE_STRING
        ? closingQuote() + 1
        : base + (int) parser.currentLocation().getByteOffset();
  }

  /**
   * Where the current string ends: found here, since to ask the parser would make it decode the
   * string, which may be ten megabytes that are only passed over. The parser checks the string when
   * it moves on.
   */
  private int closingQuote() {
    int i = position() + 1;
    while (i < text.length && text[i] != '"') {
      i += text[i] == '\\' ? 2 : 1;
    }
    return Math.min(i, text.length - 1);
  }

  /** Moves to the last token of the current value. */
  void skip() throws IOException {
    parser.skipChildren();
  }

  /** The current value as it stands in the text. */
  String raw() throws IOException {
    int start = position();
    skip();
    return slice(start, end());
  }

  String slice(int from, int to) {
    return new String(text, from, to - from, StandardCharsets.UTF_8);
  }

  void requireObject(JsonPath path) {
    require(path, JsonToken.START_OBJECT, "an object");
  }

  void requireArray(JsonPath path) {
    require(path, JsonToken.START_ARRAY, "an array");
  }

  String string(JsonPath path) throws IOException {
    require(path, JsonToken.VALUE_STRING, "a string");
    int start = position() + 1;
    for (int i = start; i < text.length; i++) {
      if (text[i] == '"') {
        return slice(start, i);
      }
      if (text[i] == '\\') {
        break;
      }
    }
    return parser.getText();
  }

  boolean bool(JsonPath path) {
    if (token() != JsonToken.VALUE_TRUE) {
      require(path, JsonToken.VALUE_FALSE, "a boolean");
    }
    return token() == JsonToken.VALUE_TRUE;
  }

  /** A whole number within the bounds, both included. */
  long integer(JsonPath path, long minimum, long maximum) throws IOException {
    require(path, JsonToken.VALUE_NUMBER_INT, "an integer");
    boolean huge = parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
    boolean negative = text[position()] == '-';
    if (huge ? negative : parser.getLongValue() < minimum) {
      throw BadRequest.below(path, "integer", Long.toString(minimum), numberText());
    }
    if (huge ? !negative : parser.getLongValue() > maximum) {
      throw BadRequest.above(path, "integer", Long.toString(maximum), numberText());
    }
    return parser.getLongValue();
  }

  /** A number within the bounds, both included. */
  double decimal(JsonPath path, double minimum, double maximum) throws IOException {
    if (token() != JsonToken.VALUE_NUMBER_INT) {
      require(path, JsonToken.VALUE_NUMBER_FLOAT, "a decimal number");
    }
    double value = parser.getDoubleValue();
    if (value < minimum) {
      throw BadRequest.below(path, "decimal", plain(minimum), numberText());
    }
    if (value > maximum) {
      throw BadRequest.above(path, "decimal", plain(maximum), numberText());
    }
    return value;
  }

  private void require(JsonPath path, JsonToken expected, String words) {
    if (token() != expected) {
      throw BadRequest.wrongType(path, words, token());
    }
  }

  private String numberText() throws IOException {
    return BadRequest.shortened(parser.getText());
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
