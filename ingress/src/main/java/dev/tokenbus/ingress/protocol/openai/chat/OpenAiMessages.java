package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.tokenbus.ingress.protocol.openai.BadRequest;
import dev.tokenbus.runtime.json.ExtraMembers;
import dev.tokenbus.runtime.json.JsonCursor;
import dev.tokenbus.runtime.json.JsonObjectIndex;
import dev.tokenbus.runtime.json.JsonPath;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.RawPart;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolCallPart;
import dev.tokenbus.schemas.avro.ToolResultPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses messages, whose members may come in any order. */
final class OpenAiMessages {
  private static final String TOOL_CALL_DIALECT = OpenAiParts.DIALECT + ".tool_call";
  private static final String ROLES =
      "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";

  private final JsonCursor cursor;
  private final JsonPath path;
  private final ExtraMembers extra = new ExtraMembers();
  private final List<Object> toolCalls = new ArrayList<>();
  private List<OpenAiParts.Located> content = List.of();
  private ContentForm form = ContentForm.ABSENT;
  private @Nullable Role role;
  private @Nullable String name;
  private @Nullable String toolCallId;

  private OpenAiMessages(JsonCursor cursor, JsonPath path) {
    this.cursor = cursor;
    this.path = path;
  }

  /** Parses the array the cursor stands on. */
  static List<Message> read(JsonCursor cursor, JsonPath path) throws IOException {
    cursor.requireArray(path);
    List<Message> messages = new ArrayList<>();
    while (cursor.next() != JsonToken.END_ARRAY) {
      messages.add(new OpenAiMessages(cursor, path.at(messages.size())).message());
    }
    if (messages.isEmpty()) {
      throw BadRequest.emptyArray(path);
    }
    return messages;
  }

  private Message message() throws IOException {
    cursor.requireObject(path);
    while (cursor.nextMember()) {
      member(cursor.member());
    }
    if (role == null) {
      throw BadRequest.missing(path.at("role"));
    }
    boolean mayBeSilent = role == Role.ASSISTANT || role == Role.FUNCTION;
    if (form == ContentForm.ABSENT && !mayBeSilent) {
      throw BadRequest.missing(path.at("content"));
    }
    if (form == ContentForm.NULL && !mayBeSilent) {
      throw BadRequest.wrongType(
          path.at("content"), "a string or an array of parts", JsonToken.VALUE_NULL);
    }
    return role == Role.TOOL ? toolResult() : ordinary(role);
  }

  private void member(String member) throws IOException {
    JsonPath at = path.at(member);
    switch (member) {
      case "role" -> role = role(at);
      case "content" -> content(at);
      case "name" -> name = stringOrNull(member, at);
      case "tool_call_id" -> toolCallId = stringOrNull(member, at);
      case "tool_calls" -> toolCalls(member, at);
      default -> extra.keep(member, cursor);
    }
  }

  private Role role(JsonPath at) throws IOException {
    String word = cursor.string(at);
    return switch (word) {
      case "system" -> Role.SYSTEM;
      case "developer" -> Role.DEVELOPER;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      case "tool" -> Role.TOOL;
      case "function" -> Role.FUNCTION;
      default -> throw BadRequest.unsupported(at, word, ROLES);
    };
  }

  private void content(JsonPath at) throws IOException {
    JsonToken token = cursor.token();
    if (token == JsonToken.VALUE_STRING) {
      int from = cursor.position();
      TextPart text = TextPart.newBuilder().setText(cursor.string(at)).build();
      content = List.of(new OpenAiParts.Located(text, from, cursor.end()));
      form = ContentForm.STRING;
    } else if (token == JsonToken.VALUE_NULL) {
      form = ContentForm.NULL;
    } else if (token == JsonToken.START_ARRAY) {
      content = OpenAiParts.read(cursor, at);
      form = ContentForm.PARTS;
    } else {
      throw BadRequest.wrongType(at, "a string or an array of parts", token);
    }
  }

  private void toolCalls(String member, JsonPath at) throws IOException {
    if (cursor.isNull()) {
      extra.keep(member, cursor);
      return;
    }
    cursor.requireArray(at);
    while (cursor.next() != JsonToken.END_ARRAY) {
      toolCalls.add(toolCall(at.at(toolCalls.size())));
    }
    if (toolCalls.isEmpty()) {
      throw BadRequest.emptyArray(at);
    }
  }

  private Object toolCall(JsonPath at) throws IOException {
    int from = cursor.position();
    JsonObjectIndex call = new JsonObjectIndex(cursor, at);
    if (!call.requireString("type").equals("function")) {
      return OpenAiParts.raw(TOOL_CALL_DIALECT, cursor.slice(from, cursor.end()));
    }
    String id = call.requireString("id");
    JsonObjectIndex function = call.requireObject("function");
    String functionName = function.requireString("name");
    String arguments = function.requireString("arguments");
    return function.isEmpty()
        ? ToolCallPart.newBuilder()
            .setId(id)
            .setName(functionName)
            .setArguments(arguments)
            .setExtra(call.rest())
            .build()
        : OpenAiParts.raw(TOOL_CALL_DIALECT, cursor.slice(from, cursor.end()));
  }

  private Message ordinary(Role speaker) {
    if (toolCallId != null) {
      extra.keep("tool_call_id", quoted(toolCallId));
    }
    List<Object> parts = new ArrayList<>(content.size() + toolCalls.size());
    content.forEach(located -> parts.add(located.part()));
    parts.addAll(toolCalls);
    return message(speaker, parts, form);
  }

  private Message toolResult() {
    if (toolCallId == null) {
      throw BadRequest.missing(path.at("tool_call_id"));
    }
    List<Object> results = new ArrayList<>(content.size());
    for (OpenAiParts.Located located : content) {
      results.add(
          switch (located.part()) {
            case TextPart text -> text;
            case ImagePart image -> image;
            case FilePart file -> file;
            case RawPart raw -> raw;
            default ->
                OpenAiParts.raw(OpenAiParts.DIALECT, cursor.slice(located.from(), located.to()));
          });
    }
    ToolResultPart result =
        ToolResultPart.newBuilder()
            .setToolCallId(toolCallId)
            .setContent(results)
            .setForm(form)
            .setError(false)
            .build();
    List<Object> parts = new ArrayList<>();
    parts.add(result);
    parts.addAll(toolCalls);
    return message(Role.TOOL, parts, ContentForm.PARTS);
  }

  private Message message(Role speaker, List<Object> parts, ContentForm contentForm) {
    return Message.newBuilder()
        .setRole(speaker)
        .setName(name)
        .setParts(parts)
        .setForm(contentForm)
        .setExtra(extra.json())
        .build();
  }

  private @Nullable String stringOrNull(String member, JsonPath at) throws IOException {
    if (cursor.isNull()) {
      extra.keep(member, cursor);
      return null;
    }
    return cursor.string(at);
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    return json.append('"').toString();
  }
}
