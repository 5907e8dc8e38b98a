package dev.tokenbus.ingress.protocol.openai.chat;

import dev.tokenbus.runtime.json.Utf8Buffer;
import dev.tokenbus.schemas.avro.AudioDelta;
import dev.tokenbus.schemas.avro.Citation;
import dev.tokenbus.schemas.avro.LogprobsDelta;
import dev.tokenbus.schemas.avro.PositionLogprobs;
import dev.tokenbus.schemas.avro.TokenLogprob;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes output beside text in OpenAI's words, as chunks and completions share them. */
final class OpenAiOutput {
  /** The tag of OpenAI's Chat Completions, in whose words its own extra members are. */
  static final String DIALECT = "openai";

  private OpenAiOutput() {}

  /** Writes the value of a choice's {@code logprobs}. */
  static void logprobs(
      List<PositionLogprobs> content, List<PositionLogprobs> refusal, Utf8Buffer out) {
    out.ascii("{\"content\":");
    positions(content, out);
    out.ascii(",\"refusal\":");
    positions(refusal, out);
    out.ascii("}");
  }

  static void logprobs(LogprobsDelta delta, Utf8Buffer out) {
    if (delta.getRefusal()) {
      logprobs(List.of(), delta.getPositions(), out);
    } else {
      logprobs(delta.getPositions(), List.of(), out);
    }
  }

  private static void positions(List<PositionLogprobs> positions, Utf8Buffer out) {
    if (positions.isEmpty()) {
      out.ascii("null");
      return;
    }
    String separator = "[";
    for (PositionLogprobs position : positions) {
      out.ascii(separator).ascii("{");
      token(position.getToken(), out);
      out.ascii(",\"top_logprobs\":[");
      String comma = "";
      for (TokenLogprob other : position.getTop()) {
        token(other, out.ascii(comma).ascii("{"));
        out.ascii("}");
        comma = ",";
      }
      out.ascii("]}");
      separator = ",";
    }
    out.ascii("]");
  }

  private static void token(TokenLogprob token, Utf8Buffer out) {
    out.ascii("\"token\":").string(token.getToken());
    out.ascii(",\"logprob\":").ascii(Double.toString(token.getLogprob()));
    out.ascii(",\"bytes\":");
    ByteBuffer bytes = token.getBytes();
    if (bytes == null) {
      out.ascii("null");
      return;
    }
    String separator = "[";
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      out.ascii(separator).number(bytes.get(i) & 0xFF);
      separator = ",";
    }
    out.ascii(separator.equals("[") ? "[]" : "]");
  }

  /** Whether OpenAI's Chat Completions has words for a citation: only for one of a page. */
  static boolean isAnnotation(Citation citation) {
    return citation.getUrl() != null;
  }

  /** Writes an element of {@code annotations}. */
  static void annotation(Citation citation, Utf8Buffer out) {
    out.ascii("{\"type\":\"url_citation\",\"url_citation\":{\"url\":")
        .string(citation.getUrl() == null ? "" : citation.getUrl());
    out.ascii(",\"title\":").string(citation.getTitle() == null ? "" : citation.getTitle());
    out.ascii(",\"start_index\":").number(citation.getStart() == null ? 0 : citation.getStart());
    out.ascii(",\"end_index\":").number(citation.getEnd() == null ? 0 : citation.getEnd());
    out.ascii("}}");
  }

  /** Writes a piece of {@code audio}, or the whole of it. */
  static void audio(AudioDelta audio, Utf8Buffer out) {
    String separator = "{";
    if (audio.getId() != null) {
      out.ascii(separator).ascii("\"id\":").string(audio.getId());
      separator = ",";
    }
    if (audio.getData() != null) {
      out.ascii(separator).ascii("\"data\":").string(audio.getData());
      separator = ",";
    }
    if (audio.getTranscript() != null) {
      out.ascii(separator).ascii("\"transcript\":").string(audio.getTranscript());
      separator = ",";
    }
    if (audio.getExpiresAt() != null) {
      out.ascii(separator).ascii("\"expires_at\":").number(audio.getExpiresAt().getEpochSecond());
      separator = ",";
    }
    out.ascii(separator.equals("{") ? "{}" : "}");
  }
}
