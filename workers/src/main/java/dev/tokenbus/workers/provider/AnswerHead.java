package dev.tokenbus.workers.provider;

import org.jspecify.annotations.Nullable;

/**
 * What a provider says of itself before its output.
 *
 * @param model as the provider names it in its answer
 * @param requestId by which the provider finds the call in its own logs
 * @param answerId the provider's id of the answer itself
 */
public record AnswerHead(
    @Nullable String model,
    @Nullable String systemFingerprint,
    @Nullable String serviceTier,
    @Nullable String requestId,
    @Nullable String answerId) {
  /** Before the provider has said anything. */
  public static final AnswerHead UNKNOWN = new AnswerHead(null, null, null, null, null);
}
