package dev.tokenbus.ingress.protocol.openai.chat;

import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Writes the members that chunks and completions have in common: id, model, time, usage. Id and
 * time come from the request id, so that they do not depend on the router's admission. Not
 * thread-safe.
 */
final class OpenAiAnswer {
  private final RequestId id;
  private @Nullable Rendering rendering;
  private @Nullable Opened opened;

  OpenAiAnswer(RequestId id, @Nullable Rendering rendering) {
    this.id = id;
    this.rendering = rendering;
  }

  void admitted(Rendering admission) {
    if (rendering == null) {
      rendering = admission;
    }
  }

  void opened(Opened opening) {
    opened = opening;
    if (rendering == null) {
      rendering = opening.getRendering();
    }
  }

  /** Whether the attempt's extra members are in OpenAI's words, in which alone they make sense. */
  boolean isNative() {
    return opened == null || opened.getDialect().equals(OpenAiOutput.DIALECT);
  }

  boolean includesUsage() {
    return rendering != null && rendering.getIncludeUsage();
  }

  /** Writes an opening brace and the members before {@code choices}. */
  void head(String object, Utf8Buffer out) {
    out.ascii("{\"id\":\"chatcmpl-").ascii(id.toString());
    out.ascii("\",\"object\":\"").ascii(object);
    out.ascii("\",\"created\":").number(id.acceptedAt().getEpochSecond());
    out.ascii(",\"model\":").string(model());
    if (opened != null) {
      member("service_tier", opened.getServiceTier(), out);
      member("system_fingerprint", opened.getSystemFingerprint(), out);
    }
  }

  private String model() {
    if (opened != null) {
      return opened.getModel();
    }
    return rendering == null ? "" : rendering.getModelAsked();
  }

  private static void member(String name, @Nullable String value, Utf8Buffer out) {
    if (value != null) {
      out.ascii(",\"").ascii(name).ascii("\":").string(value);
    }
  }

  static String finishReason(Finish finish) {
    return switch (finish.getReason()) {
      // OpenAI has no reason for a turn that pauses; its clients treat the choice as complete.
      case STOP, PAUSE -> "stop";
      case LENGTH -> "length";
      case TOOL_CALLS -> "tool_calls";
      case CONTENT_FILTER, REFUSAL -> "content_filter";
      case OTHER -> finish.getRaw();
    };
  }

  /**
   * Writes the usage object. OpenAI's totals contain their classes, so the disjoint classes are
   * added up. It has no details for pictures, films and citations in chat; where there are any,
   * those of pictures are named as in its other APIs, and all are in the totals.
   */
  static void usage(TokenUsage usage, Utf8Buffer out) {
    long cached = usage.getCacheRead() + usage.getCacheReadAudio() + usage.getCacheReadImage();
    long written = usage.getCacheWrite() + usage.getCacheWriteOneHour();
    long prompt =
        usage.getInput()
            + cached
            + written
            + usage.getInputAudio()
            + usage.getInputImage()
            + usage.getInputVideo();
    long completion =
        usage.getOutput()
            + usage.getReasoning()
            + usage.getOutputAudio()
            + usage.getOutputImage()
            + usage.getOutputVideo()
            + usage.getOutputCitation();
    out.ascii("{\"prompt_tokens\":").number(prompt);
    out.ascii(",\"completion_tokens\":").number(completion);
    out.ascii(",\"total_tokens\":").number(prompt + completion);
    out.ascii(",\"prompt_tokens_details\":{\"cached_tokens\":").number(cached);
    out.ascii(",\"cache_write_tokens\":").number(written);
    out.ascii(",\"audio_tokens\":").number(usage.getInputAudio());
    images(usage.getInputImage(), out);
    out.ascii("},\"completion_tokens_details\":{\"reasoning_tokens\":")
        .number(usage.getReasoning());
    out.ascii(",\"audio_tokens\":").number(usage.getOutputAudio());
    images(usage.getOutputImage(), out);
    out.ascii(",\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}");
  }

  private static void images(long tokens, Utf8Buffer out) {
    if (tokens > 0) {
      out.ascii(",\"image_tokens\":").number(tokens);
    }
  }
}
