package dev.tokenbus.workers.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.call.CallTimings;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.recovery.ContinuationStrategy;
import dev.tokenbus.workers.reply.RecordProducer;
import dev.tokenbus.workers.usage.UsageTally;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class RunReportTest {
  private static final TokenUsage USAGE =
      TokenUsage.newBuilder().setInput(3).setOutput(1).setSource(UsageSource.PROVIDER).build();
  private static final AttemptEnd FOUND =
      new AttemptEnd.Found(new Completed(USAGE, "req-1", null), "stop");
  private static final AttemptEnd ANSWERED =
      new AttemptEnd.Succeeded(new AnswerEnd(USAGE, "stop", null));

  private final CallTimings timings = new CallTimings();
  private final UsageTally tally = new UsageTally();

  @Test
  void countsAnAnswerThatWasOnlyFoundForTheRunThatGaveItAlone() {
    AttemptFinished report = report(FOUND, 2);

    assertThat(report.getUsage()).as("used by this run").isNull();
    assertThat(report.getAnswerUsage()).isEqualTo(USAGE);
  }

  @Test
  void countsNothingWhereOnlyTheLastRecordWasWritten() {
    AttemptFinished report = report(ANSWERED, 2);

    assertThat(report.getUsage()).as("used by this run").isNull();
    assertThat(report.getAnswerUsage()).isEqualTo(USAGE);
  }

  @Test
  void countsTheCallThatTheRunMade() {
    timings.begin();
    tally.call(new ContinuationStrategy.Fresh(Samples.ask("Hello", true)));

    AttemptFinished report = report(ANSWERED, 2);

    assertThat(report.getUsage()).isEqualTo(USAGE);
    assertThat(report.getAnswerUsage()).isNull();
  }

  @Test
  void tellsARouterOfVersionOneInItsOwnWordsWhatIsBilled() {
    assertThat(report(FOUND, 1).getUsage()).isEqualTo(USAGE);
  }

  private AttemptFinished report(AttemptEnd how, int level) {
    List<SpecificRecord> written = new ArrayList<>();
    RecordProducer producer =
        new RecordProducer(
            new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer()),
            (topic, record) -> {
              written.add(record);
              return new byte[0];
            });
    AttemptReporter reporter =
        new AttemptReporter(
            producer, new WorkerIdentity("w", 1), InstantSource.system(), Runnable::run);
    AttemptSpec spec =
        AttemptSpec.of(
            Samples.dispatched(Samples.newRequest(), 2, "mock", "m", Samples.ask("Hello", true)),
            42);
    AnswerHead head = new AnswerHead(null, null, null, null, null);
    new RunReport(spec, how, head, timings, tally, level).send(reporter, false).join();
    return (AttemptFinished) ((AttemptEvent) written.getFirst()).getEvent();
  }
}
