package dev.tokenbus.bench.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What the generator looks at in a chat completion chunk, read without building a tree because it
 * happens for every token.
 *
 * @param content text of the first choice's delta, or of its message; empty when there is none
 * @param finished whether a finish reason stands in it
 * @param error whether it is an error object
 */
record ChunkView(String content, boolean finished, boolean error) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /**
   * Reads one chunk or one whole completion.
   *
   * @throws IOException when it is not JSON
   */
  static ChunkView read(byte[] bytes, int offset, int length) throws IOException {
    String content = "";
    boolean finished = false;
    boolean error = false;
    try (JsonParser parser = FACTORY.createParser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      int depth = 1;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == null) {
          throw new IOException("JSON ends early");
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        String name = parser.currentName();
        if (name == null) {
          continue;
        }
        if (token == JsonToken.VALUE_STRING) {
          if (depth == 4 && name.equals("content")) {
            content = parser.getText();
          } else if (depth == 3 && name.equals("finish_reason")) {
            finished = true;
          }
        } else if (token == JsonToken.START_OBJECT && depth == 2 && name.equals("error")) {
          error = true;
        }
      }
      if (parser.nextToken() != null) {
        throw new IOException("more behind the JSON object");
      }
    }
    return new ChunkView(content, finished, error);
  }
}
