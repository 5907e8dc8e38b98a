package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.AudioDelta;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.ImageDelta;
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
  /** How an attempt opened the stream, and when. */
  private record Opening(Opened record, Instant at) {}

  /** The last output, and the opening of the attempt that it is of. */
  private record Spoken(Reply last, Opening by) {}

  private @Nullable TokenUsage counted;
  private long output;
  private long reasoning;
  private @Nullable Opening opening;
  private @Nullable Spoken spoken;

  /**
   * Output without text, of which no tokens can be estimated: it counts when somebody counts it.
   */
  private @Nullable Spoken textless;

  /** A later attempt opens the stream too, and need not say anything. */
  void opened(Reply reply, Opened opened) {
    opening = new Opening(opened, reply.getAt());
    if (spoken == null && opened.getUsage() != null) {
      count(opened.getUsage());
    }
  }

  /** Counts what came before it, whichever attempt that was of. */
  void checkpoint(Checkpoint checkpoint) {
    if (checkpoint.getUsageSoFar().getSource() != UsageSource.NONE) {
      count(checkpoint.getUsageSoFar());
    }
  }

  void delta(Reply reply, Delta delta) {
    if (delta.getContent() instanceof UsageDelta usage) {
      // A continuing attempt's provider counts the delivered prefix as input.
      if (spoken == null || spoken.last().getAttempt() == reply.getAttempt()) {
        count(usage.getUsage());
      }
      return;
    }
    long more = TokenEstimate.output(delta);
    long thought = TokenEstimate.reasoning(delta);
    output += more;
    reasoning += thought;
    Opening by = opening;
    if (by != null && more + thought > 0) {
      spoken = new Spoken(reply, by);
    } else if (by != null && isTextless(delta)) {
      textless = new Spoken(reply, by);
    }
  }

  private static boolean isTextless(Delta delta) {
    Object content = delta.getContent();
    return content instanceof ImageDelta || content instanceof AudioDelta;
  }

  private void count(TokenUsage usage) {
    counted = usage;
    output = 0;
    reasoning = 0;
    if (textless != null) {
      spoken = textless;
      textless = null;
    }
  }

  /** Null where clients have seen no output. */
  FinalReply.@Nullable Delivered delivered() {
    if (spoken == null) {
      return null;
    }
    Reply last = spoken.last();
    Opening by = spoken.by();
    return new FinalReply.Delivered(
        last.getAttempt(),
        last.getClaim(),
        by.record().getProvider(),
        by.record().getModel(),
        usage(),
        Math.max(0, last.getAt().toEpochMilli() - by.at().toEpochMilli()));
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
