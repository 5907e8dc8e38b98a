package dev.tokenbus.bench.provider.encoding;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.tokenbus.bench.provider.behaviour.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the events of one stream byte for byte as api.openai.com does. What is the same in every
 * chunk is encoded once, because this runs for every token of every stream.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/streaming">The chat completion
 *     chunk object</a>
 */
public final class ChunkEncoder {
  private final Answer answer;
  private final Wire wire;
  private final boolean includeUsage;
  private final byte[] head;
  private final byte[] lineEnd;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);

  public ChunkEncoder(Answer answer, Wire wire, boolean includeUsage) {
    this.answer = answer;
    this.wire = wire;
    this.includeUsage = includeUsage && wire.usage();
    head =
        utf8(
            "data: {\"id\":\""
                + answer.id()
                + "\",\"object\":\"chat.completion.chunk\",\"created\":"
                + answer.created()
                + ",\"model\":\""
                + quoted(answer.model())
                + "\",\"service_tier\":\"default\",\"system_fingerprint\":\""
                + WholeEncoder.FINGERPRINT
                + "\",\"choices\":[");
    lineEnd = utf8(wire.crlf() ? "\r\n" : "\n");
  }

  /** The bytes collected since the last call. */
  public byte[] take() {
    byte[] bytes = out.toByteArray();
    out.reset();
    return bytes;
  }

  public int size() {
    return out.size();
  }

  public void role(int choice) {
    delta(choice, "\"role\":\"assistant\",\"content\":\"\",\"refusal\":null", "null");
  }

  public void piece(int choice, Piece piece) {
    delta(choice, fields(piece), "null");
  }

  public void finish(Answer.Choice choice) {
    delta(choice.index(), "", '"' + choice.finishReason() + '"');
  }

  public void usage() {
    if (includeUsage) {
      begin();
      text("],\"usage\":" + WholeEncoder.usage(answer.usage()) + "}");
      end();
    }
  }

  public void done() {
    if (wire.done()) {
      comment();
      text("data: [DONE]");
      end();
    }
  }

  /** An event that ends in the middle of its JSON. */
  public void malformed() {
    begin();
    text("{\"index\":0,\"delta\":{\"content\":\"bro");
    end();
  }

  public void error(ApiError error) {
    comment();
    text("data: ");
    out.writeBytes(error.json());
    end();
  }

  private void delta(int choice, String fields, String finishReason) {
    begin();
    text("{\"index\":" + choice + ",\"delta\":{");
    text(fields);
    text("},\"logprobs\":null,\"finish_reason\":" + finishReason + "}]");
    text(includeUsage ? ",\"usage\":null}" : "}");
    end();
  }

  private static String fields(Piece piece) {
    return switch (piece) {
      case Piece.Text text -> '"' + text.field() + "\":\"" + quoted(text.text()) + '"';
      case Piece.CallStart start ->
          "\"tool_calls\":[{\"index\":"
              + start.call()
              + ",\"id\":\""
              + start.id()
              + "\",\"type\":\"function\",\"function\":{\"name\":\""
              + quoted(start.name())
              + "\",\"arguments\":\"\"}}]";
      case Piece.CallArguments arguments ->
          "\"tool_calls\":[{\"index\":"
              + arguments.call()
              + ",\"function\":{\"arguments\":\""
              + quoted(arguments.fragment())
              + "\"}}]";
    };
  }

  private void begin() {
    comment();
    out.writeBytes(head);
  }

  private void comment() {
    if (wire.comments()) {
      text(": still here");
      end();
    }
  }

  private void end() {
    out.writeBytes(lineEnd);
    out.writeBytes(lineEnd);
  }

  private void text(String text) {
    out.writeBytes(utf8(text));
  }

  private static String quoted(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
