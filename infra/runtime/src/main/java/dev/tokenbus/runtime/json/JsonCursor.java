package dev.tokenbus.runtime.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.tokenbus.runtime.json.JsonValueException.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads JSON text in memory token by token, and returns slices of it unchanged. It copies a long
 * string once, from the bytes into the {@link String}.
 *
 * <p>It rejects JSON that readers interpret differently: duplicate members, NaN, text behind the
 * end. A method that reads a value expects it to be the current one and leaves the cursor on the
 * value's last token. Not thread-safe.
 */
public final class JsonCursor implements AutoCloseable {
  /** Deeper than any JSON Schema in use, and far less than the stack of any reader allows. */
  static final int MAX_DEPTH = 256;

  /** As much of a number as a message repeats. */
  private static final int SHOWN = 64;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE) // the body's limit is the limit
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // The text is always UTF-8, without a byte order mark.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          // Names come from strangers, so they are not interned, and contrived collisions do not
          // fail.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .build();

  private final byte[] text;
  private final int base;
  private final JsonParser parser;

  /** Creates a cursor before the first token of the text. */
  public JsonCursor(byte[] text) throws IOException {
    this(text, 0, text.length);
  }

  private JsonCursor(byte[] text, int from, int to) throws IOException {
    this.text = text;
    base = from;
    parser = FACTORY.createParser(text, from, to - from);
  }

  /** Creates a second cursor on the value between two positions. */
  public JsonCursor over(int from, int to) throws IOException {
    JsonCursor cursor = new JsonCursor(text, from, to);
    cursor.next();
    return cursor;
  }

  /** Moves to the next token; null behind the end. */
  @SuppressWarnings("NullAway") // Jackson's contract: null at the end
  public JsonToken next() throws IOException {
    return parser.nextToken();
  }

  /**
   * Moves to the next member of the object the cursor is in.
   *
   * @return false at the object's end
   */
  public boolean nextMember() throws IOException {
    return parser.nextToken() == JsonToken.FIELD_NAME;
  }

  /** Returns the name of the current member and moves to its value. */
  public String member() throws IOException {
    String name = parser.currentName();
    parser.nextToken();
    return name;
  }

  public JsonToken token() {
    return parser.currentToken();
  }

  public boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** The position at which the current token begins. */
  public int position() {
    return base + (int) parser.currentTokenLocation().getByteOffset();
  }

  /** The position behind the current token. */
  public int end() {
    return token() == JsonToken.VALUE_STRING
        ? closingQuote() + 1
        : base + (int) parser.currentLocation().getByteOffset();
  }

  /**
   * The position at which the current string ends. The parser would have to decode the string to
   * tell, which may be ten megabytes that are only skipped; it validates the string when it moves
   * on.
   */
  private int closingQuote() {
    int i = position() + 1;
    while (i < text.length && text[i] != '"') {
      i += text[i] == '\\' ? 2 : 1;
    }
    return Math.min(i, text.length - 1);
  }

  /** Moves to the last token of the current value. */
  public void skip() throws IOException {
    parser.skipChildren();
  }

  /** The text of the current value. */
  public String raw() throws IOException {
    int start = position();
    skip();
    return slice(start, end());
  }

  public String slice(int from, int to) {
    return new String(text, from, to - from, StandardCharsets.UTF_8);
  }

  public void requireObject(JsonPath path) {
    require(path, JsonToken.START_OBJECT, "an object");
  }

  public void requireArray(JsonPath path) {
    require(path, JsonToken.START_ARRAY, "an array");
  }

  public String string(JsonPath path) throws IOException {
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

  public boolean bool(JsonPath path) {
    if (token() != JsonToken.VALUE_TRUE) {
      require(path, JsonToken.VALUE_FALSE, "a boolean");
    }
    return token() == JsonToken.VALUE_TRUE;
  }

  /** Reads a whole number within inclusive bounds. */
  public long integer(JsonPath path, long minimum, long maximum) throws IOException {
    require(path, JsonToken.VALUE_NUMBER_INT, "an integer");
    boolean huge = parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
    boolean negative = text[position()] == '-';
    if (huge ? negative : parser.getLongValue() < minimum) {
      throw new JsonValueException(
          new Fault.Below(path, "integer", Long.toString(minimum), numberText()));
    }
    if (huge ? !negative : parser.getLongValue() > maximum) {
      throw new JsonValueException(
          new Fault.Above(path, "integer", Long.toString(maximum), numberText()));
    }
    return parser.getLongValue();
  }

  /** Reads a number within inclusive bounds. */
  public double decimal(JsonPath path, double minimum, double maximum) throws IOException {
    if (token() != JsonToken.VALUE_NUMBER_INT) {
      require(path, JsonToken.VALUE_NUMBER_FLOAT, "a decimal number");
    }
    double value = parser.getDoubleValue();
    if (value < minimum) {
      throw new JsonValueException(new Fault.Below(path, "decimal", plain(minimum), numberText()));
    }
    if (value > maximum) {
      throw new JsonValueException(new Fault.Above(path, "decimal", plain(maximum), numberText()));
    }
    return value;
  }

  private void require(JsonPath path, JsonToken expected, String words) {
    if (token() != expected) {
      throw new JsonValueException(new Fault.WrongType(path, words, token()));
    }
  }

  private String numberText() throws IOException {
    String text = parser.getText();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
