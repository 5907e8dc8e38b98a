package dev.tokenbus.workers.recovery;

import dev.tokenbus.schemas.avro.ContinuationPolicy;

/**
 * What policy allows and the deployment can do when a stream is taken over.
 *
 * @param allowed a broken answer may be continued at all
 * @param prefill the model continues an assistant message at the end of the conversation
 * @param instruction the model may be instructed to go on where an answer stopped; nothing can
 *     check the result, so it is off unless an operator lists it
 */
public record Capabilities(boolean allowed, boolean prefill, boolean instruction) {
  public static final Capabilities NONE = new Capabilities(true, false, false);

  /** What a dispatch says. */
  public static Capabilities of(ContinuationPolicy policy) {
    return new Capabilities(policy.getAllowed(), policy.getPrefill(), policy.getInstruction());
  }
}
