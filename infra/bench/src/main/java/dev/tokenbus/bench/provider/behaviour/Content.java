package dev.tokenbus.bench.provider.behaviour;

import java.util.List;

/**
 * What the mock says.
 *
 * @param tokens length of the text, with the part that the client prefilled
 * @param reasoningTokens {@code reasoning_content} deltas before the text
 * @param toolCalls calls to answer with when the request has tools; 0 leaves it to {@code
 *     tool_choice} and to a prompt that names a tool
 * @param cachedTokens prompt tokens that usage reports as read from a cache
 * @param refusal the text comes as {@code refusal}
 * @param lineSeparators U+2028, U+2029 and U+0085 stand in the text
 * @param prefill whether an assistant message at the end is continued; else it is refused with 400
 * @param salt another salt gives another text for the same prompt
 * @param script the tokens themselves, in place of made-up ones, when not empty
 */
public record Content(
    int tokens,
    int reasoningTokens,
    int toolCalls,
    int cachedTokens,
    boolean refusal,
    boolean lineSeparators,
    boolean prefill,
    long salt,
    List<String> script) {
  /** Sixteen tokens of plain text. */
  public static final Content PLAIN = new Content(16, 0, 0, 0, false, false, true, 0, List.of());

  /** A salt in whose place every answer gets one of its own. */
  private static final long ANOTHER_EVERY_TIME = Long.MIN_VALUE;

  private static final int MAX_TOKENS = 1_000_000;

  public Content {
    requireCount("tokens", tokens);
    requireCount("reasoningTokens", reasoningTokens);
    requireCount("toolCalls", toolCalls);
    requireCount("cachedTokens", cachedTokens);
    script = List.copyOf(script);
  }

  private static void requireCount(String name, int value) {
    if (value < 0 || value > MAX_TOKENS) {
      throw new IllegalArgumentException(name + " must be 0 to " + MAX_TOKENS + ": " + value);
    }
  }

  public Content withTokens(int value) {
    return new Content(
        value,
        reasoningTokens,
        toolCalls,
        cachedTokens,
        refusal,
        lineSeparators,
        prefill,
        salt,
        script);
  }

  public Content withReasoningTokens(int value) {
    return new Content(
        tokens, value, toolCalls, cachedTokens, refusal, lineSeparators, prefill, salt, script);
  }

  public Content withToolCalls(int value) {
    return new Content(
        tokens,
        reasoningTokens,
        value,
        cachedTokens,
        refusal,
        lineSeparators,
        prefill,
        salt,
        script);
  }

  public Content withCachedTokens(int value) {
    return new Content(
        tokens, reasoningTokens, toolCalls, value, refusal, lineSeparators, prefill, salt, script);
  }

  public Content withRefusal(boolean value) {
    return new Content(
        tokens,
        reasoningTokens,
        toolCalls,
        cachedTokens,
        value,
        lineSeparators,
        prefill,
        salt,
        script);
  }

  public Content withLineSeparators(boolean value) {
    return new Content(
        tokens, reasoningTokens, toolCalls, cachedTokens, refusal, value, prefill, salt, script);
  }

  public Content withPrefill(boolean value) {
    return new Content(
        tokens,
        reasoningTokens,
        toolCalls,
        cachedTokens,
        refusal,
        lineSeparators,
        value,
        salt,
        script);
  }

  public Content withSalt(long value) {
    return new Content(
        tokens,
        reasoningTokens,
        toolCalls,
        cachedTokens,
        refusal,
        lineSeparators,
        prefill,
        value,
        script);
  }

  /** Every answer says something else, whatever the prompt. */
  public Content neverTheSame() {
    return withSalt(ANOTHER_EVERY_TIME);
  }

  /** What one answer says; {@code number} tells it from the others. */
  public Content ofAnswer(long number) {
    return salt == ANOTHER_EVERY_TIME ? withSalt(number) : this;
  }

  public Content withScript(List<String> value) {
    return new Content(
        tokens,
        reasoningTokens,
        toolCalls,
        cachedTokens,
        refusal,
        lineSeparators,
        prefill,
        salt,
        value);
  }
}
