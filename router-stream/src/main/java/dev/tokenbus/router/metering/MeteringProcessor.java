package dev.tokenbus.router.metering;

import dev.tokenbus.router.streams.UnprocessableRecordException;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.WindowStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards the first outcome of each request as its usage. Together with exactly-once processing
 * this makes one usage record per request.
 *
 * <p>Used by one stream thread at a time.
 */
final class MeteringProcessor implements Processor<String, RequestFinished, String, UsageRecorded> {
  private static final Logger LOG = LoggerFactory.getLogger(MeteringProcessor.class);

  private final long retentionMs;
  private @Nullable ProcessorContext<String, UsageRecorded> context;
  private @Nullable WindowStore<RequestId, String> metered;

  MeteringProcessor(Duration retention) {
    retentionMs = retention.toMillis();
  }

  @Override
  public void init(ProcessorContext<String, UsageRecorded> newContext) {
    context = newContext;
    metered = newContext.getStateStore(MeteringTopology.STORE);
  }

  @Override
  public void process(Record<String, RequestFinished> record) {
    RequestFinished outcome = record.value();
    if (outcome == null) {
      throw new UnprocessableRecordException("An outcome without a value");
    }
    RequestId id = id(outcome);
    long acceptedMs = id.acceptedAt().toEpochMilli();
    if (acceptedMs <= context().currentStreamTimeMs() - retentionMs) {
      throw new UnprocessableRecordException(
          "Request "
              + id
              + " is older than the ids that are remembered: whether it has been metered is not known");
    }
    WindowStore<RequestId, String> store = Objects.requireNonNull(metered, "init comes first");
    String known = store.fetch(id, acceptedMs);
    if (known == null) {
      store.put(id, outcome.getStatus().name(), acceptedMs);
      context().forward(new Record<>(outcome.getTenant(), usage(outcome), record.timestamp()));
    } else if (!known.equals(outcome.getStatus().name())) {
      LOG.atWarn()
          .addKeyValue("request_id", id)
          .addKeyValue("metered_as", known)
          .addKeyValue("now", outcome.getStatus())
          .log("request was metered with another outcome; this one is skipped");
    }
  }

  private ProcessorContext<String, UsageRecorded> context() {
    return Objects.requireNonNull(context, "init comes first");
  }

  private static RequestId id(RequestFinished outcome) {
    try {
      return RequestId.parse(outcome.getRequestId());
    } catch (IllegalArgumentException e) {
      throw new UnprocessableRecordException("Not a request id: " + outcome.getRequestId(), e);
    }
  }

  private static UsageRecorded usage(RequestFinished outcome) {
    return UsageRecorded.newBuilder()
        .setId(outcome.getRequestId())
        .setTenant(outcome.getTenant())
        .setTeam(outcome.getTeam())
        .setUser(outcome.getUser())
        .setKeyId(outcome.getKeyId())
        .setAgent(outcome.getAgent())
        .setSession(outcome.getSession())
        .setProtocol(outcome.getProtocol())
        .setModelAsked(outcome.getModelAsked())
        .setMode(outcome.getMode())
        .setTaskClass(outcome.getTaskClass())
        .setPriority(outcome.getPriority())
        .setStatus(outcome.getStatus())
        .setErrorCode(outcome.getErrorCode())
        .setAcceptedAt(outcome.getAcceptedAt())
        .setFinishedAt(outcome.getFinishedAt())
        .setAttempts(outcome.getAttempts())
        .setCacheHit(outcome.getCacheHit())
        .setBilled(outcome.getBilled())
        .setUnbilled(outcome.getUnbilled())
        .setBodyKind(outcome.getBodyKind())
        .setLane(outcome.getLane())
        .setParentRequestId(outcome.getParentRequestId())
        .setRunId(outcome.getRunId())
        .setTags(outcome.getTags())
        .setDecision(outcome.getDecision())
        .setServiceTier(outcome.getServiceTier())
        .setDoor(outcome.getDoor())
        .build();
  }
}
