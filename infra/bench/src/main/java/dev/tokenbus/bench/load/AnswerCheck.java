package dev.tokenbus.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Checks one answer while it comes: its text against the expected one, and its proper end. */
final class AnswerCheck {
  private static final String DONE = "[DONE]";

  private final boolean stream;
  private final String expected;
  private final Deltas deltas;
  private final SseLines lines = new SseLines(this::event);
  private final ByteArrayOutputStream whole = new ByteArrayOutputStream();
  private int position;
  private boolean finished;
  private boolean done;
  private String problem = "";

  /**
   * Expects this text.
   *
   * @param expected empty when it is not known
   * @param deltas hears of every delta with content
   */
  AnswerCheck(boolean stream, String expected, Deltas deltas) {
    this.stream = stream;
    this.expected = expected;
    this.deltas = deltas;
  }

  void body(ByteBuffer data) {
    if (stream) {
      lines.take(data);
    } else {
      byte[] copy = new byte[data.remaining()];
      data.get(copy);
      whole.writeBytes(copy);
    }
  }

  /** What is wrong with the answer now that it has ended; empty when it is complete. */
  Optional<String> verdict() {
    if (!stream) {
      chunk(whole.toByteArray(), 0, whole.size());
      done = true;
    }
    if (!problem.isEmpty()) {
      return Optional.of(problem);
    }
    if (!expected.isEmpty() && position < expected.length()) {
      return Optional.of("tokens missing at the end");
    }
    if (!finished) {
      return Optional.of("no finish reason");
    }
    return done ? Optional.empty() : Optional.of("no [DONE]");
  }

  private void event(byte[] bytes, int offset, int length) {
    if (done) {
      note("events after [DONE]");
    } else if (length == DONE.length()
        && new String(bytes, offset, length, StandardCharsets.UTF_8).equals(DONE)) {
      done = true;
    } else {
      chunk(bytes, offset, length);
    }
  }

  private void chunk(byte[] bytes, int offset, int length) {
    try {
      ChunkView view = ChunkView.read(bytes, offset, length);
      if (view.error()) {
        note("error event");
      }
      finished |= view.finished();
      if (!view.content().isEmpty()) {
        deltas.delta();
        text(view.content());
      }
    } catch (IOException e) {
      note("malformed JSON");
    }
  }

  private void text(String content) {
    if (!expected.isEmpty() && !expected.startsWith(content, position)) {
      note("other text than expected");
    }
    position += content.length();
  }

  /** The first problem counts; the others usually follow from it. */
  private void note(String what) {
    if (problem.isEmpty()) {
      problem = what;
    }
  }

  /** Hears of deltas. */
  @FunctionalInterface
  interface Deltas {
    void delta();
  }
}
