package dev.tokenbus.workers.provider.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbus.schemas.avro.AudioPart;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.RawPart;
import dev.tokenbus.schemas.avro.ReasoningPart;
import dev.tokenbus.schemas.avro.RefusalPart;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolCallPart;
import dev.tokenbus.schemas.avro.ToolKind;
import dev.tokenbus.schemas.avro.ToolResultPart;
import dev.tokenbus.schemas.avro.VideoPart;
import dev.tokenbus.workers.provider.http.InexpressibleException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One canonical message as OpenAI's messages: usually one, but several where a message of another
 * dialect carries tool results beside text. What a model thought in an earlier turn has no place in
 * this dialect and is left out; a client of this dialect that sends it ({@code reasoning_content}
 * …) has it in the message's extra.
 */
final class MessageWriter {
  private static final String RAW_TOOL_CALL = "openai.tool_call";

  private MessageWriter() {}

  /**
   * Writes a message.
   *
   * @param requestDialect in whose words its unmodelled members are, where the message names no
   *     dialect of its own
   * @throws InexpressibleException if a part is of another dialect
   */
  static void write(Message message, String requestDialect, JsonGenerator json) throws IOException {
    String dialect = message.getDialect() == null ? requestDialect : message.getDialect();
    write(message, dialect.equals(OpenAiDialect.NAME), json);
  }

  private static void write(Message message, boolean own, JsonGenerator json) throws IOException {
    List<Object> content = new ArrayList<>();
    List<Object> toolCalls = new ArrayList<>(0);
    String answerAudio = null;
    boolean answered = false;
    for (Object part : message.getParts()) {
      switch (part) {
        case ToolResultPart result -> {
          toolResult(message, result, own, json);
          answered = true;
        }
        case ToolCallPart call -> toolCalls.add(call);
        case RawPart raw when raw.getDialect().equals(RAW_TOOL_CALL) -> toolCalls.add(raw);
        case AudioPart audio when audio.getId() != null -> answerAudio = audio.getId();
        case ReasoningPart reasoning -> {
          // See above.
        }
        default -> content.add(part);
      }
    }
    if (answered && content.isEmpty() && toolCalls.isEmpty()) {
      return;
    }
    ObjectWriter object = ObjectWriter.begin(json, own ? message.getExtra() : null);
    object.text("role", role(message.getRole()));
    object.text("name", message.getName());
    content(object, message.getForm(), content, own);
    if (answerAudio != null) {
      ObjectWriter audio = object.object("audio");
      audio.text("id", answerAudio);
      audio.end();
    }
    if (!toolCalls.isEmpty()) {
      object.name("tool_calls").writeStartArray();
      for (Object call : toolCalls) {
        toolCall(call, own, json);
      }
      json.writeEndArray();
    }
    object.end();
  }

  private static void toolResult(
      Message message, ToolResultPart result, boolean own, JsonGenerator json) throws IOException {
    // Members of the message stand in the message's extra, and another dialect's in the part's;
    // never in both.
    String extra = message.getExtra() == null ? result.getExtra() : message.getExtra();
    ObjectWriter object = ObjectWriter.begin(json, own ? extra : null);
    object.text("role", "tool");
    object.text("name", message.getName());
    object.text("tool_call_id", result.getToolCallId());
    content(object, result.getForm(), result.getContent(), own);
    object.end();
  }

  private static void content(ObjectWriter object, ContentForm form, List<?> parts, boolean own)
      throws IOException {
    switch (form) {
      case STRING -> object.text("content", text(parts));
      case NULL -> object.name("content").writeNull();
      case ABSENT -> {
        // As the client left it out.
      }
      case PARTS -> {
        JsonGenerator json = object.name("content");
        json.writeStartArray();
        for (Object part : parts) {
          part(part, own, json);
        }
        json.writeEndArray();
      }
    }
  }

  private static String text(List<?> parts) {
    if (parts.size() == 1 && parts.getFirst() instanceof TextPart only) {
      return only.getText();
    }
    StringBuilder joined = new StringBuilder();
    for (Object part : parts) {
      if (!(part instanceof TextPart text)) {
        throw new InexpressibleException(
            "messages", "Content in the form of a string holds " + part.getClass().getSimpleName());
      }
      joined.append(text.getText());
    }
    return joined.toString();
  }

  private static void part(Object part, boolean own, JsonGenerator json) throws IOException {
    switch (part) {
      case TextPart text -> {
        ObjectWriter object = ObjectWriter.begin(json, own ? text.getExtra() : null);
        object.text("type", "text");
        object.text("text", text.getText());
        object.end();
      }
      case ImagePart image -> {
        ObjectWriter object = ObjectWriter.begin(json, own ? image.getExtra() : null);
        object.text("type", "image_url");
        ObjectWriter inner = object.object("image_url");
        inner.text("url", image.getUrl());
        inner.text("detail", image.getDetail());
        inner.end();
        object.end();
      }
      case AudioPart audio -> {
        ObjectWriter object = ObjectWriter.begin(json, own ? audio.getExtra() : null);
        object.text("type", "input_audio");
        ObjectWriter inner = object.object("input_audio");
        inner.text("data", audio.getData());
        inner.text("format", audio.getFormat());
        inner.end();
        object.end();
      }
      case FilePart file -> {
        ObjectWriter object = ObjectWriter.begin(json, own ? file.getExtra() : null);
        object.text("type", "file");
        ObjectWriter inner = object.object("file");
        inner.text("file_id", file.getFileId());
        inner.text("file_data", file.getData());
        inner.text("filename", file.getFilename());
        inner.end();
        object.end();
      }
      case RefusalPart refusal -> {
        ObjectWriter object = ObjectWriter.begin(json, null);
        object.text("type", "refusal");
        object.text("refusal", refusal.getText());
        object.end();
      }
      case RawPart raw when raw.getDialect().equals(OpenAiDialect.NAME) ->
          json.writeRawValue(raw.getJson());
      case RawPart raw ->
          throw new InexpressibleException(
              "messages",
              "Content of dialect " + raw.getDialect() + " cannot be sent to this provider");
      case VideoPart video -> {
        ObjectWriter object = ObjectWriter.begin(json, own ? video.getExtra() : null);
        object.text("type", "video_url");
        ObjectWriter inner = object.object("video_url");
        inner.text("url", video.getUrl());
        inner.end();
        object.end();
      }
      default ->
          throw new InexpressibleException(
              "messages",
              "This provider takes no content of kind " + part.getClass().getSimpleName());
    }
  }

  private static void toolCall(Object part, boolean own, JsonGenerator json) throws IOException {
    if (part instanceof RawPart raw) {
      json.writeRawValue(raw.getJson());
    } else if (part instanceof ToolCallPart call) {
      ObjectWriter object = ObjectWriter.begin(json, own ? call.getExtra() : null);
      object.text("id", call.getId());
      if (call.getKind() == ToolKind.CUSTOM) {
        object.text("type", "custom");
        ObjectWriter custom = object.object("custom");
        custom.text("name", call.getName());
        custom.text("input", call.getArguments());
        custom.end();
        object.end();
        return;
      }
      object.text("type", "function");
      ObjectWriter function = object.object("function");
      function.text("name", call.getName());
      function.text("arguments", call.getArguments());
      function.end();
      object.end();
    }
  }

  private static String role(Role role) {
    return switch (role) {
      case SYSTEM -> "system";
      case DEVELOPER -> "developer";
      case USER -> "user";
      case ASSISTANT -> "assistant";
      case TOOL -> "tool";
      case FUNCTION -> "function";
      case UNKNOWN ->
          throw new InexpressibleException(
              "messages", "A message has a role that this worker does not know");
    };
  }
}
