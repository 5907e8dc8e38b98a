package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ResponseFormatKind;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.UsageDelta;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the requests for the rest of an answer of which the client has the prefix. */
public final class ContinuedRequest {
  /** What a model is told that cannot go on from an answer of its own accord. */
  public static final String INSTRUCTION =
      "Your last answer was cut off. Go on exactly where it stops, even in the middle of a word, so"
          + " that both parts read as one answer when they are joined. Repeat nothing of it, and say"
          + " nothing about this.";

  private ContinuedRequest() {}

  /**
   * The text delivered, where the client was given text and nothing else and asked for one answer:
   * what is neither can be continued only by repeating it.
   */
  static Optional<String> onlyText(List<Delta> delivered, int choices) {
    if (choices != 1) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (Delta delta : delivered) {
      Optional<String> piece = text(delta);
      if (piece.isEmpty()) {
        return Optional.empty();
      }
      text.append(piece.get());
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
  }

  /** The text of a delta; empty where it is neither text nor anything that can be done without. */
  static Optional<String> text(Delta delta) {
    return switch (delta.getContent()) {
      case TextDelta piece -> Optional.of(piece.getText());
      // They say something about the text, and are not needed to continue it.
      case LogprobsDelta logprobs -> Optional.of("");
      case UsageDelta usage -> Optional.of("");
      case null, default -> Optional.empty();
    };
  }

  /** How many answers the client asked for. */
  static int choices(ChatRequest body) {
    Integer candidates = body.getSampling().getCandidates();
    return candidates == null ? 1 : Math.max(1, candidates);
  }

  /** Models cut or refuse white space at the end of a prefill, and the answer would change. */
  static boolean canBePrefilled(String text) {
    return !Character.isWhitespace(text.charAt(text.length() - 1));
  }

  /** A model that is held to JSON would begin a new document instead of going on. */
  static boolean canBeInstructed(ChatRequest body) {
    ResponseFormat format = body.getResponseFormat();
    return format == null || format.getKind() == ResponseFormatKind.TEXT;
  }

  static ChatRequest prefilled(ChatRequest body, String text) {
    return with(body, text, List.of(message(Role.ASSISTANT, text)));
  }

  static ChatRequest instructed(ChatRequest body, String text) {
    return with(
        body, text, List.of(message(Role.ASSISTANT, text), message(Role.USER, INSTRUCTION)));
  }

  private static ChatRequest with(ChatRequest body, String text, List<Message> added) {
    List<Message> messages = new ArrayList<>(body.getMessages());
    messages.addAll(added);
    Sampling sampling = body.getSampling();
    Long most = sampling.getMaxOutputTokens();
    if (most != null) {
      sampling =
          Sampling.newBuilder(sampling)
              .setMaxOutputTokens(Math.max(1, most - TokenEstimate.of(text)))
              .build();
    }
    return ChatRequest.newBuilder(body).setMessages(messages).setSampling(sampling).build();
  }

  private static Message message(Role role, String text) {
    return Message.newBuilder()
        .setRole(role)
        .setParts(List.of(new TextPart(text, null, null, List.of(), null)))
        .setForm(ContentForm.STRING)
        .build();
  }
}
