package dev.tokenbus.ingress.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbus.schemas.avro.AudioPart;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.RawPart;
import dev.tokenbus.schemas.avro.RawTool;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolCallPart;
import dev.tokenbus.schemas.avro.ToolResultPart;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hashes what a provider's prompt cache would hold of a request: the tools and every message before
 * the last one of the user. Equal prefixes have equal hashes, so that they can be sent to one
 * place.
 */
final class PrefixHash {
  /** Long strings are hashed in pieces, so that a large one is not copied whole. */
  private static final int PIECE = 16 * 1024;

  private final MessageDigest digest = Sha256.digest();

  private PrefixHash() {}

  /** The hash; null if nothing stands before the last message of the user. */
  static @Nullable ByteBuffer of(ChatRequest request) {
    int last = lastOfUser(request.getMessages());
    if (last <= 0 && request.getTools().isEmpty()) {
      return null;
    }
    PrefixHash hash = new PrefixHash();
    request.getTools().forEach(hash::tool);
    request.getMessages().subList(0, Math.max(0, last)).forEach(hash::message);
    return ByteBuffer.wrap(hash.digest.digest());
  }

  private static int lastOfUser(List<Message> messages) {
    int last = messages.size() - 1;
    while (last > 0 && messages.get(last).getRole() != Role.USER) {
      last--;
    }
    return last;
  }

  private void tool(Object tool) {
    switch (tool) {
      case FunctionTool function -> {
        add(function.getName());
        add(function.getDescription());
        add(function.getParameters());
      }
      case RawTool raw -> add(raw.getJson());
      default -> add(tool.toString());
    }
  }

  private void message(Message message) {
    add(message.getRole().name());
    message.getParts().forEach(this::part);
  }

  private void part(Object part) {
    switch (part) {
      case TextPart text -> add(text.getText());
      case ImagePart image -> add(image.getUrl());
      case AudioPart audio -> add(audio.getData());
      case FilePart file -> {
        add(file.getFileId());
        add(file.getUrl());
        add(file.getData());
      }
      case ToolCallPart call -> {
        add(call.getName());
        add(call.getArguments());
      }
      case ToolResultPart result -> result.getContent().forEach(this::part);
      case RawPart raw -> add(raw.getJson());
      default -> add(part.toString());
    }
  }

  private void add(@Nullable CharSequence text) {
    if (text == null) {
      digest.update((byte) 0);
      return;
    }
    for (int from = 0; from < text.length(); from += PIECE) {
      int to = Math.min(text.length(), from + PIECE);
      digest.update(text.subSequence(from, to).toString().getBytes(UTF_8));
    }
    digest.update((byte) 1);
  }
}
