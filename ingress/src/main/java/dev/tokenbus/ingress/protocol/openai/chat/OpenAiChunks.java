package dev.tokenbus.ingress.protocol.openai.chat;

import dev.tokenbus.ingress.protocol.EventBuffer;
import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.StreamRenderer;
import dev.tokenbus.ingress.protocol.openai.OpenAiErrors;
import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.AudioDelta;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.CitationDelta;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.RefusalDelta;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Renders OpenAI's {@code chat.completion.chunk} stream. The members that all chunks share are
 * rendered once; a token costs a copy of them and the escaping of its text. Not thread-safe.
 */
final class OpenAiChunks implements StreamRenderer {
  private static final String CHUNK = "chat.completion.chunk";

  private final OpenAiAnswer answer;
  private final BitSet begun = new BitSet();
  private byte @Nullable [] head;

  OpenAiChunks(RequestId id, @Nullable Rendering rendering) {
    answer = new OpenAiAnswer(id, rendering);
  }

  @Override
  public void skip(Reply reply) {
    if (!begins(reply) && reply.getEvent() instanceof Deltas deltas) {
      deltas.getDeltas().stream()
          .filter(OpenAiChunks::isShown)
          .forEach(delta -> begun.set(delta.getChoice()));
    }
  }

  @Override
  public void resume(Checkpoint checkpoint) {
    answer.admitted(checkpoint.getRendering());
    answer.opened(checkpoint.getOpened());
    checkpoint.getChoices().forEach(choice -> begun.set(choice.getChoice()));
  }

  @Override
  public void fail(Problem problem, EventBuffer out) {
    error(problem, out);
  }

  /** Takes a record that opens the response or an attempt; such records have no events. */
  private boolean begins(Reply reply) {
    switch (reply.getEvent()) {
      case Admitted admitted -> answer.admitted(admitted.getRendering());
      case Opened opened -> answer.opened(opened);
      case null, default -> {
        return false;
      }
    }
    head = null;
    return true;
  }

  @Override
  public void render(Reply reply, EventBuffer out) {
    if (begins(reply)) {
      return;
    }
    switch (reply.getEvent()) {
      case Deltas deltas -> deltas.getDeltas().forEach(delta -> delta(delta, out));
      case Completed completed -> completed(completed, out);
      case Failed failed -> error(Problem.of(failed), out);
      case Rejected rejected -> error(Problem.of(rejected), out);
      case null, default -> {
        // Event of a newer writer, which this version cannot render.
      }
    }
  }

  private void delta(Delta delta, EventBuffer out) {
    if (!isShown(delta)) {
      return;
    }
    boolean first = !begun.get(delta.getChoice());
    begun.set(delta.getChoice());
    boolean toolCall = delta.getContent() instanceof ToolCallDelta;
    if (first && !toolCall) {
      open(delta.getChoice(), out);
      out.ascii("\"role\":\"assistant\",\"content\":\"\"");
      close(null, null, out);
    }
    open(delta.getChoice(), out);
    switch (delta.getContent()) {
      case TextDelta text -> out.ascii("\"content\":").string(text.getText());
      case ReasoningDelta reasoning ->
          out.string(reasoning.getMember() == null ? "reasoning_content" : reasoning.getMember())
              .ascii(":")
              .string(reasoning.getText());
      case RefusalDelta refusal -> out.ascii("\"refusal\":").string(refusal.getText());
      case ToolCallDelta call -> {
        if (first) {
          out.ascii("\"role\":\"assistant\",\"content\":null,");
        }
        toolCall(call, out);
      }
      case RawDelta raw -> firstMembers(raw.getJson(), out);
      case CitationDelta citation -> {
        out.ascii("\"annotations\":[");
        OpenAiOutput.annotation(citation.getCitation(), out);
        out.ascii("]");
      }
      case AudioDelta audio -> OpenAiOutput.audio(audio, out.ascii("\"audio\":"));
      case LogprobsDelta logprobs -> {
        out.ascii("},\"logprobs\":");
        OpenAiOutput.logprobs(logprobs, out);
        closeChoice(null, extra(delta), out);
        return;
      }
      case Finish finish -> {
        close(OpenAiAnswer.finishReason(finish), extra(delta), out);
        return;
      }
      case null, default -> {
        // Not reached: such output is not shown.
      }
    }
    close(null, extra(delta), out);
  }

  /** Whether OpenAI has words for the delta; what is in another dialect's words is not shown. */
  private static boolean isShown(Delta delta) {
    return switch (delta.getContent()) {
      case TextDelta text -> true;
      case ReasoningDelta reasoning -> true;
      case RefusalDelta refusal -> true;
      case ToolCallDelta call -> true;
      case Finish finish -> true;
      case LogprobsDelta logprobs -> true;
      case AudioDelta audio -> true;
      case CitationDelta citation -> OpenAiOutput.isAnnotation(citation.getCitation());
      case RawDelta raw -> raw.getDialect().equals(OpenAiOutput.DIALECT);
      case null, default -> false;
    };
  }

  private @Nullable String extra(Delta delta) {
    return answer.isNative() ? delta.getExtra() : null;
  }

  private void toolCall(ToolCallDelta call, Utf8Buffer out) {
    out.ascii("\"tool_calls\":[{\"index\":").number(call.getIndex());
    if (call.getId() != null) {
      out.ascii(",\"id\":").string(call.getId()).ascii(",\"type\":\"function\"");
    }
    out.ascii(",\"function\":{");
    if (call.getName() != null) {
      out.ascii("\"name\":").string(call.getName()).ascii(",");
    }
    out.ascii("\"arguments\":").string(call.getArguments()).ascii("}");
    if (call.getExtra() != null && answer.isNative()) {
      out.members(call.getExtra());
    }
    out.ascii("}]");
  }

  /** Writes members at the beginning of an object, where no comma may precede them. */
  private static void firstMembers(String object, Utf8Buffer out) {
    Utf8Buffer members = new Utf8Buffer().members(object);
    if (members.length() > 0) {
      byte[] withComma = members.toByteArray();
      out.raw(Arrays.copyOfRange(withComma, 1, withComma.length));
    }
  }

  private void open(int choice, EventBuffer out) {
    out.begin();
    out.raw(head()).number(choice).ascii(",\"delta\":{");
  }

  private void close(@Nullable String finishReason, @Nullable String extra, EventBuffer out) {
    out.ascii("}");
    closeChoice(finishReason, extra, out);
  }

  private void closeChoice(@Nullable String finishReason, @Nullable String extra, EventBuffer out) {
    out.ascii(",\"finish_reason\":");
    if (finishReason == null) {
      out.ascii("null");
    } else {
      out.string(finishReason);
    }
    if (extra != null) {
      out.members(extra);
    }
    out.ascii(answer.includesUsage() ? "}],\"usage\":null}" : "}]}");
    out.end();
  }

  private byte[] head() {
    if (head == null) {
      Utf8Buffer buffer = new Utf8Buffer();
      answer.head(CHUNK, buffer);
      head = buffer.ascii(",\"choices\":[{\"index\":").toByteArray();
    }
    return head;
  }

  private void completed(Completed completed, EventBuffer out) {
    String extra = answer.isNative() ? completed.getExtra() : null;
    if (answer.includesUsage() || extra != null) {
      out.begin();
      answer.head(CHUNK, out);
      if (answer.includesUsage()) {
        out.ascii(",\"choices\":[],\"usage\":");
        OpenAiAnswer.usage(completed.getUsage(), out);
      } else {
        // Choices are empty only in a usage chunk, which the client has not asked for.
        out.ascii(",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":null}]");
      }
      if (extra != null) {
        out.members(extra);
      }
      out.ascii("}");
      out.end();
    }
    out.begin();
    out.ascii("[DONE]");
    out.end();
  }

  /** Ends the stream without {@code [DONE]}, so that a broken stream does not look complete. */
  private static void error(Problem problem, EventBuffer out) {
    out.begin();
    OpenAiErrors.write(problem, out);
    out.end();
  }
}
