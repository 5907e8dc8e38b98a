package dev.tokenbus.bench.provider.encoding;

/** One token of an answer, as one delta of a stream carries it. */
public sealed interface Piece {
  /** Text in the delta's field of this name: content, reasoning_content or refusal. */
  record Text(String field, String text) implements Piece {}

  /** The beginning of a tool call. */
  record CallStart(int call, String id, String name) implements Piece {}

  /** A fragment of a tool call's arguments. */
  record CallArguments(int call, String fragment) implements Piece {}
}
