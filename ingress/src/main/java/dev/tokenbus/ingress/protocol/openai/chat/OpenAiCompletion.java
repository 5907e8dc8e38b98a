package dev.tokenbus.ingress.protocol.openai.chat;

import dev.tokenbus.ingress.protocol.DocumentRenderer;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Renders OpenAI's {@code chat.completion}. Not thread-safe. */
final class OpenAiCompletion implements DocumentRenderer {
  private final OpenAiAnswer answer;
  private final TreeMap<Integer, OpenAiChoice> choices = new TreeMap<>();
  private @Nullable Completed completed;

  OpenAiCompletion(RequestId id, @Nullable Rendering rendering) {
    answer = new OpenAiAnswer(id, rendering);
  }

  @Override
  public void add(Reply reply) {
    switch (reply.getEvent()) {
      case Admitted admitted -> answer.admitted(admitted.getRendering());
      case Opened opened -> answer.opened(opened);
      case Deltas deltas -> {
        for (Delta delta : deltas.getDeltas()) {
          choices
              .computeIfAbsent(delta.getChoice(), OpenAiChoice::new)
              .add(delta, answer.isNative());
        }
      }
      case Completed last -> completed = last;
      case null, default -> {
        // A failure becomes an error response; a newer writer's event adds nothing to a completion.
      }
    }
  }

  @Override
  public byte[] body() {
    if (completed == null) {
      throw new IllegalStateException("The request has not completed");
    }
    Utf8Buffer out = new Utf8Buffer();
    answer.head("chat.completion", out);
    out.ascii(",\"choices\":[");
    if (choices.isEmpty()) {
      new OpenAiChoice(0).write(out);
    }
    String separator = "";
    for (OpenAiChoice choice : choices.values()) {
      out.ascii(separator);
      choice.write(out);
      separator = ",";
    }
    out.ascii("],\"usage\":");
    OpenAiAnswer.usage(completed.getUsage(), out);
    if (answer.isNative() && completed.getExtra() != null) {
      out.members(completed.getExtra());
    }
    return out.ascii("}").toByteArray();
  }
}
