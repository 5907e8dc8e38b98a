package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.call.CallTimings;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.reply.ReplyWriter;
import dev.tokenbus.workers.usage.UsageTally;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes the end of one run: first the stream's last record, then, when all of the stream is
 * acknowledged, the report.
 */
final class RunEnding {
  private final AttemptSpec spec;
  private final RunContext context;
  private final ReplyWriter replies;
  private final CallTimings timings;
  private final UsageTally tally;
  private final CompletableFuture<Void> reported = new CompletableFuture<>();

  RunEnding(
      AttemptSpec spec,
      RunContext context,
      ReplyWriter replies,
      CallTimings timings,
      UsageTally tally) {
    this.spec = spec;
    this.context = context;
    this.replies = replies;
    this.timings = timings;
    this.tally = tally;
  }

  /** Completes when the report is acknowledged; see {@link AttemptRun#reported}. */
  CompletableFuture<Void> reported() {
    return reported;
  }

  /** To be called once. */
  void finish(AttemptEnd how, AnswerHead head) {
    Completed completed =
        how instanceof AttemptEnd.Succeeded succeeded
            ? new Completed(
                report(how, head).billed(), head.requestId(), succeeded.answer().extra())
            : null;
    CompletableFuture<Void> _ =
        replies.close(completed).whenComplete((done, problem) -> tell(written(how, problem), head));
  }

  private AttemptEnd written(AttemptEnd how, @Nullable Throwable problem) {
    return problem != null && how instanceof AttemptEnd.Succeeded
        ? AttemptEnd.Failed.of(
            spec, ErrorCode.UNAVAILABLE, "The end of the answer could not be written", problem)
        : how;
  }

  private void tell(AttemptEnd how, AnswerHead head) {
    // Off the producer's thread, on which the last acknowledgement came.
    context
        .threads()
        .execute(() -> {
          CompletableFuture<Void> _ =
              report(how, head)
                  .send(context.reporter(), replies.delivered())
                  .whenComplete((done, failed) -> {
                    if (failed == null) {
                      reported.complete(null);
                    } else {
                      reported.completeExceptionally(failed);
                    }
                  });
        });
  }

  private RunReport report(AttemptEnd how, AnswerHead head) {
    return new RunReport(spec, how, head, timings, tally, context.formatLevel().getAsInt());
  }
}
