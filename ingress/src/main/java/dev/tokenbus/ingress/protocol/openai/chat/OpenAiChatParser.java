package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.ingress.protocol.ChatFeatures;
import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.ingress.protocol.openai.BadRequest;
import dev.tokenbus.runtime.json.ExtraMembers;
import dev.tokenbus.runtime.json.JsonCursor;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.runtime.json.JsonValueException;
import dev.tokenbus.runtime.json.Utf8Text;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ToolChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses a Chat Completions request as the API's reference describes it. It keeps unknown members
 * unchanged for a provider that may know them, and validates known ones.
 */
final class OpenAiChatParser {
  private static final JsonPath ROOT = JsonPath.ROOT;

  private final JsonCursor cursor;
  private final ExtraMembers extra = new ExtraMembers();
  private final OpenAiSampling sampling = new OpenAiSampling();
  private final OpenAiOptions options = new OpenAiOptions();
  private List<Object> tools = List.of();
  private @Nullable String model;
  private @Nullable List<Message> messages;
  private @Nullable ToolChoice toolChoice;
  private @Nullable ResponseFormat responseFormat;

  private OpenAiChatParser(JsonCursor cursor) {
    this.cursor = cursor;
  }

  /**
   * Parses the request.
   *
   * @throws dev.tokenbus.ingress.protocol.ProblemException if it is invalid
   */
  static Submission parse(byte[] body) {
    int fault = Utf8Text.firstFault(body);
    if (fault >= 0) {
      throw BadRequest.notJson(
          "it is not well-formed UTF-8, or half of a surrogate pair stands, at byte "
              + fault
              + ".");
    }
    try (JsonCursor cursor = new JsonCursor(body)) {
      return new OpenAiChatParser(cursor).request(body.length);
    } catch (JsonValueException e) {
      throw BadRequest.of(e.fault());
    } catch (JsonProcessingException e) {
      throw BadRequest.notJson(reason(e));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: reading from memory", e);
    }
  }

  private Submission request(int bodyBytes) throws IOException {
    if (cursor.next() != JsonToken.START_OBJECT) {
      throw BadRequest.notJson("it must be a JSON object.");
    }
    while (cursor.nextMember()) {
      String name = cursor.member();
      if (cursor.isNull()) {
        // A null counts as absent. It is passed on unless the member is one of our extensions.
        if (!OpenAiOptions.EXTENSIONS.contains(name)) {
          extra.keep(name, cursor);
        }
      } else {
        member(name, ROOT.at(name));
      }
    }
    if (cursor.next() != null) {
      throw BadRequest.notJson("something follows the end of the JSON object.");
    }
    if (model == null) {
      throw BadRequest.missing(ROOT.at("model"));
    }
    if (messages == null) {
      throw BadRequest.missing(ROOT.at("messages"));
    }
    ChatRequest request =
        options.request(model, messages, tools, toolChoice, responseFormat, sampling, extra.json());
    return new Submission(
        new Submission.Header(
            BodyKind.CHAT,
            model,
            request.getStream(),
            request.getIncludeUsage(),
            ChatFeatures.of(request, bodyBytes),
            options.preferences(),
            Map.of(),
            options.mode(),
            options.agent(),
            options.priority() == null ? Priority.INTERACTIVE : options.priority()),
        new RequestBody(request));
  }

  private void member(String name, JsonPath at) throws IOException {
    switch (name) {
      case "model" -> model = model(at);
      case "messages" -> messages = OpenAiMessages.read(cursor, at);
      case "tools" -> {
        tools = OpenAiTools.tools(cursor, at);
        keepIfEmpty(name, tools);
      }
      case "tool_choice" -> toolChoice = OpenAiTools.toolChoice(cursor, at);
      case "response_format" -> responseFormat = OpenAiTools.responseFormat(cursor, at);
      default -> {
        if (!sampling.take(name, cursor, at, extra) && !options.take(name, cursor, at, extra)) {
          extra.keep(name, cursor);
        }
      }
    }
  }

  /** The canonical form does not tell an empty list from none, so the extra members keep it. */
  private void keepIfEmpty(String name, List<?> list) {
    if (list.isEmpty()) {
      extra.keep(name, "[]");
    }
  }

  private String model(JsonPath at) throws IOException {
    String name = cursor.string(at);
    if (name.isBlank() || name.length() > 256) {
      throw BadRequest.invalid(at, "expected the name of a model, of 1 to 256 characters.");
    }
    return name;
  }

  /** Jackson's message with the location, without the client's text. */
  private static String reason(JsonProcessingException e) {
    String words = e.getOriginalMessage();
    int line = e.getLocation() == null ? -1 : e.getLocation().getLineNr();
    return BadRequest.oneLine(words)
        + (line < 0 ? "" : " (line " + line + ", column " + e.getLocation().getColumnNr() + ")");
  }
}
