package dev.tokenbus.ingress;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Admitted;
import dev.tokenbus.schemas.avro.BodyKind;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.ChoiceState;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the records of one request as router and worker write them. */
public final class ReplyRecords {
  private static final Instant AT = Instant.ofEpochMilli(1_760_000_000_000L);

  private final RequestId id;
  private final List<Reply> records = new ArrayList<>();
  private Instant at = AT;
  private int attempt;
  private long claim;
  private int sequence;

  public ReplyRecords(RequestId id) {
    this.id = id;
  }

  public static Rendering rendering(RequestId id, boolean stream, boolean includeUsage) {
    return new Rendering(
        "acme",
        "web",
        Protocol.OPENAI_CHAT,
        "asked",
        id.acceptedAt(),
        stream,
        includeUsage,
        null,
        null,
        BodyKind.CHAT,
        Map.of());
  }

  public ReplyRecords admitted(Rendering rendering) {
    return add(new Admitted(rendering, id.acceptedAt().plusSeconds(600), null, List.of()));
  }

  /** As {@link #admitted(boolean, boolean)}, of a request whose time is over soon. */
  public ReplyRecords admittedFor(Duration time) {
    return add(
        new Admitted(rendering(id, true, false), id.acceptedAt().plus(time), null, List.of()));
  }

  public ReplyRecords admitted(boolean stream, boolean includeUsage) {
    return add(
        new Admitted(
            rendering(id, stream, includeUsage),
            id.acceptedAt().plusSeconds(600),
            null,
            List.of()));
  }

  public ReplyRecords rejected(String code, String message, @Nullable Long retryAfterMs) {
    return add(
        new Rejected(rendering(id, true, false), code, message, null, retryAfterMs, List.of()));
  }

  public ReplyRecords opened(int ofAttempt, String model) {
    attempt = ofAttempt;
    claim = 1000L + ofAttempt;
    sequence = 0;
    return add(
        new Opened(
            "mock",
            model,
            Continuation.FRESH,
            "fp_1",
            null,
            "worker-1",
            1L,
            null,
            "openai",
            null,
            null,
            null));
  }

  /** As {@link #opened}, of a provider that speaks the dialect. */
  public ReplyRecords openedIn(String dialect) {
    opened(1, "m");
    Opened opened = (Opened) records.removeLast().getEvent();
    sequence = 0;
    return add(Opened.newBuilder(opened).setDialect(dialect).build());
  }

  /** As {@link #opened}, as the very first record. */
  public ReplyRecords openedWith(Rendering rendering) {
    attempt = 1;
    claim = 1001L;
    sequence = 0;
    return add(
        new Opened(
            "mock",
            "m-1",
            Continuation.FRESH,
            "fp_1",
            null,
            "worker-1",
            1L,
            rendering,
            "openai",
            null,
            null,
            null));
  }

  public ReplyRecords text(String... pieces) {
    return deltas(
        Arrays.stream(pieces)
            .map(piece -> new Delta(0, new TextDelta(piece), null, null))
            .toList());
  }

  /** The time of the records that follow. */
  public ReplyRecords at(Instant time) {
    at = time;
    return this;
  }

  /** A checkpoint of the attempt that was opened last, in which the choices have begun. */
  public ReplyRecords checkpoint(int... choices) {
    Opened opened =
        records.stream()
            .map(Reply::getEvent)
            .filter(Opened.class::isInstance)
            .map(Opened.class::cast)
            .toList()
            .getLast();
    return add(
        Checkpoint.newBuilder()
            .setRendering(rendering(id, true, true))
            .setOpened(opened)
            .setChoices(
                Arrays.stream(choices)
                    .mapToObj(choice -> new ChoiceState(choice, false, 0, 0, List.of()))
                    .toList())
            .setOutput(List.of())
            .setUsageSoFar(TokenUsage.newBuilder().setSource(UsageSource.NONE).build())
            .build());
  }

  public ReplyRecords deltas(Delta... deltas) {
    return deltas(List.of(deltas));
  }

  private ReplyRecords deltas(List<Delta> deltas) {
    return add(new Deltas(deltas));
  }

  public ReplyRecords stop() {
    return deltas(new Delta(0, new Finish(FinishReason.STOP, "stop"), null, null));
  }

  public ReplyRecords completed(long input, long output) {
    TokenUsage usage =
        TokenUsage.newBuilder()
            .setInput(input)
            .setCacheRead(2)
            .setOutput(output)
            .setReasoning(3)
            .setSource(UsageSource.PROVIDER)
            .build();
    return add(new Completed(usage, null, null));
  }

  public ReplyRecords failed(String code, String message) {
    attempt++;
    claim = 0;
    sequence = 0;
    return add(new Failed(code, message, null, null, null, null, null));
  }

  /** Leaves a place in the order for a record that somebody else writes. */
  public ReplyRecords skipOne() {
    sequence++;
    return this;
  }

  public ReplyRecords add(Object event) {
    records.add(new Reply(id.toString(), attempt, claim, sequence++, at, event));
    return this;
  }

  public List<Reply> records() {
    return List.copyOf(records);
  }
}
