package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageDelta;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Counts the output of a request that clients have seen: by the last count of the provider or of a
 * checkpoint, and what came behind it by estimate.
 *
 * <p>Not thread-safe.
 */
final class DeliveredTally {
  private @Nullable TokenUsage counted;
  private long output;
  private long reasoning;
  private @Nullable Opened source;
  private @Nullable Instant openedAt;
  private @Nullable Reply last;
  private int speaker;

  void opened(Reply reply, Opened opened) {
    source = opened;
    openedAt = reply.getAt();
    if (speaker == 0 && opened.getUsage() != null) {
      count(opened.getUsage());
    }
  }

  void checkpoint(Reply reply, Checkpoint checkpoint) {
    if (source == null) {
      source = checkpoint.getOpened();
      openedAt = reply.getAt();
    }
    if (checkpoint.getUsageSoFar().getSource() != UsageSource.NONE) {
      count(checkpoint.getUsageSoFar());
      if (!checkpoint.getOutput().isEmpty() || !checkpoint.getPrevious().isEmpty()) {
        spoken(reply);
      }
    }
  }

  void delta(Reply reply, Delta delta) {
    if (delta.getContent() instanceof UsageDelta usage) {
      // A continuing attempt's provider counts the delivered prefix as input.
      if (speaker == 0 || speaker == reply.getAttempt()) {
        count(usage.getUsage());
      }
      return;
    }
    long more = TokenEstimate.output(delta);
    long thought = TokenEstimate.reasoning(delta);
    output += more;
    reasoning += thought;
    if (more + thought > 0) {
      spoken(reply);
    }
  }

  private void spoken(Reply reply) {
    last = reply;
    speaker = reply.getAttempt();
  }

  private void count(TokenUsage usage) {
    counted = usage;
    output = 0;
    reasoning = 0;
  }

  /** Null where clients have seen no output. */
  FinalReply.@Nullable Delivered delivered() {
    Reply spoken = last;
    Opened opened = source;
    Instant from = openedAt;
    if (spoken == null || opened == null || from == null) {
      return null;
    }
    return new FinalReply.Delivered(
        spoken.getAttempt(),
        spoken.getClaim(),
        opened.getProvider(),
        opened.getModel(),
        usage(),
        Math.max(0, spoken.getAt().toEpochMilli() - from.toEpochMilli()));
  }

  private TokenUsage usage() {
    TokenUsage known = counted == null ? TokenUsage.newBuilder().build() : counted;
    if (output == 0 && reasoning == 0) {
      return known;
    }
    return TokenUsage.newBuilder(known)
        .setOutput(known.getOutput() + output)
        .setReasoning(known.getReasoning() + reasoning)
        .setSource(UsageSource.ESTIMATE)
        .setRaw(null)
        .build();
  }
}
