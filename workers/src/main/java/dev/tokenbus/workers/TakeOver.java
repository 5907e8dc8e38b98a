package dev.tokenbus.workers;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.workers.provider.TokenEstimate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an attempt goes on from what the client has been given. */
sealed interface TakeOver {
  /** Nothing was delivered: an ordinary call. */
  record Fresh() implements TakeOver {}

  /** The answer is complete already, and only its end was not reported. */
  record Complete(Completed completed, @Nullable String finishReason) implements TakeOver {}

  /** The request has ended otherwise: it failed for good, or was refused. */
  record Over() implements TakeOver {}

  /** All output was delivered, and only the last record is missing. */
  record LastRecordMissing(@Nullable String finishReason) implements TakeOver {}

  /**
   * The model goes on from the text it had begun; where it refuses to, the answer is made again.
   */
  record Prefill(ChatRequest body, RepeatFilter otherwise) implements TakeOver {}

  /** The answer is made again, and swallowed as long as it repeats what was delivered. */
  record Repeat(RepeatFilter filter) implements TakeOver {}

  /**
   * Chooses the way.
   *
   * @param canPrefill whether the model goes on from an answer that stands at the end of the
   *     conversation
   */
  static TakeOver of(Delivered delivered, ChatRequest body, boolean canPrefill) {
    if (delivered.completed() != null) {
      return new Complete(delivered.completed(), delivered.finishReason());
    }
    if (delivered.ended()) {
      return new Over();
    }
    if (delivered.isEmpty()) {
      return new Fresh();
    }
    Integer candidates = body.getSampling().getCandidates();
    int choices = candidates == null ? 1 : Math.max(1, candidates);
    if (delivered.allFinished(choices)) {
      return new LastRecordMissing(delivered.finishReason());
    }
    RepeatFilter filter = new RepeatFilter(delivered.deltas());
    String text = canPrefill && choices == 1 ? onlyText(delivered.deltas()) : null;
    return text == null ? new Repeat(filter) : new Prefill(prefilled(body, text), filter);
  }

  /** The text, where nothing but text was delivered and a model can go on from it. */
  private static @Nullable String onlyText(List<Delta> deltas) {
    StringBuilder text = new StringBuilder();
    for (Delta delta : deltas) {
      if (!(delta.getContent() instanceof TextDelta piece)) {
        return null;
      }
      text.append(piece.getText());
    }
    // Models cut or refuse white space at the end of a prefill, and the answer would change.
    return text.isEmpty() || Character.isWhitespace(text.charAt(text.length() - 1))
        ? null
        : text.toString();
  }

  private static ChatRequest prefilled(ChatRequest body, String text) {
    List<Message> messages = new ArrayList<>(body.getMessages());
    messages.add(
        Message.newBuilder()
            .setRole(Role.ASSISTANT)
            .setParts(List.of(new TextPart(text, null)))
            .setForm(ContentForm.STRING)
            .build());
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
}
