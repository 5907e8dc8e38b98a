package dev.tokenbus.projections.usage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.projections.feed.Projection;
import dev.tokenbus.projections.store.Column;
import dev.tokenbus.projections.store.RowStatement;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Topic {@code usage} to table {@code usage_events}: one row per request, never updated. */
public final class UsageProjection {
  /** The classes are disjoint and add up to all tokens of an attempt. */
  private static final Map<String, ToLongFunction<TokenUsage>> TOKEN_CLASSES =
      new TreeMap<>(
          Map.of(
              "input_tokens", TokenUsage::getInput,
              "cache_read_tokens", TokenUsage::getCacheRead,
              "cache_write_tokens", TokenUsage::getCacheWrite,
              "cache_write_1h_tokens", TokenUsage::getCacheWriteOneHour,
              "input_audio_tokens", TokenUsage::getInputAudio,
              "input_image_tokens", TokenUsage::getInputImage,
              "output_tokens", TokenUsage::getOutput,
              "reasoning_tokens", TokenUsage::getReasoning,
              "output_audio_tokens", TokenUsage::getOutputAudio,
              "output_image_tokens", TokenUsage::getOutputImage));

  private UsageProjection() {}

  /** Reads with the given schemas. */
  public static Projection<UsageRecorded> projection(TopicSchemas schemas) {
    return new Projection<>(
        "usage",
        Topics.USAGE,
        schemas.deserializer(UsageRecorded.class),
        UsageRecorded::getId,
        statement());
  }

  /** Inserts a bill unless the request has one. */
  public static RowStatement<UsageRecorded> statement() {
    return new RowStatement<>("usage_events", columns(), "DO NOTHING");
  }

  private static List<Column<UsageRecorded>> columns() {
    List<Column<UsageRecorded>> columns =
        new ArrayList<>(
            List.of(
                Column.requestId(),
                Column.acceptedAt(),
                Column.instant("finished_at", UsageRecorded::getFinishedAt),
                Column.text("tenant", UsageRecorded::getTenant),
                Column.text("team", UsageRecorded::getTeam),
                Column.text("user_id", UsageRecorded::getUser),
                Column.text("key_id", UsageRecorded::getKeyId),
                Column.text("agent", UsageRecorded::getAgent),
                Column.text("session", UsageRecorded::getSession),
                Column.word("protocol", UsageRecorded::getProtocol),
                Column.text("model_asked", UsageRecorded::getModelAsked),
                Column.text("mode", UsageRecorded::getMode),
                Column.text("task_class", UsageRecorded::getTaskClass),
                Column.word("priority", UsageRecorded::getPriority),
                Column.word("status", UsageRecorded::getStatus),
                Column.text("error_code", UsageRecorded::getErrorCode),
                Column.plain("attempts", UsageRecorded::getAttempts),
                Column.plain("cache_hit", UsageRecorded::getCacheHit),
                Column.plain("billed_attempt", billed(BilledAttempt::getAttempt)),
                Column.text("provider", billed(BilledAttempt::getProvider)),
                Column.text("model", billed(BilledAttempt::getModel)),
                Column.text("upstream_model", billed(BilledAttempt::getUpstreamModel)),
                Column.text("provider_request_id", billed(BilledAttempt::getProviderRequestId)),
                Column.text("finish_reason", billed(BilledAttempt::getFinishReason)),
                Column.plain(
                    "time_to_first_token_ms", billed(BilledAttempt::getTimeToFirstTokenMs)),
                Column.plain("provider_ms", billed(BilledAttempt::getDurationMs)),
                Column.word("usage_source", UsageProjection::sourceOf),
                Column.json("usage_raw", billed(attempt -> attempt.getUsage().getRaw())),
                Column.json("unbilled", usage -> unbilledOf(usage.getUnbilled())),
                Column.sourcePartition(),
                Column.sourceOffset()));
    TOKEN_CLASSES.forEach(
        (name, count) -> columns.add(Column.plain(name, usage -> tokens(usage, count))));
    return columns;
  }

  private static <V> Function<UsageRecorded, @Nullable V> billed(
      Function<BilledAttempt, @Nullable V> value) {
    return usage -> {
      BilledAttempt billed = usage.getBilled();
      return billed == null ? null : value.apply(billed);
    };
  }

  private static long tokens(UsageRecorded usage, ToLongFunction<TokenUsage> count) {
    BilledAttempt billed = usage.getBilled();
    return billed == null ? 0 : count.applyAsLong(billed.getUsage());
  }

  private static UsageSource sourceOf(UsageRecorded usage) {
    BilledAttempt billed = usage.getBilled();
    return billed == null ? UsageSource.NONE : billed.getUsage().getSource();
  }

  private static String unbilledOf(List<UnbilledAttempt> attempts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (UnbilledAttempt attempt : attempts) {
      ObjectNode object =
          array
              .addObject()
              .put("attempt", attempt.getAttempt())
              .put("provider", attempt.getProvider())
              .put("model", attempt.getModel())
              .put("outcome", attempt.getOutcome().name().toLowerCase(Locale.ROOT))
              .put("error_code", attempt.getErrorCode());
      TokenUsage usage = attempt.getUsage();
      if (usage == null) {
        object.putNull("usage");
      } else {
        ObjectNode tokens = object.putObject("usage");
        tokens.put("source", usage.getSource().name().toLowerCase(Locale.ROOT));
        TOKEN_CLASSES.forEach((name, count) -> tokens.put(name, count.applyAsLong(usage)));
        tokens.put("raw", usage.getRaw());
      }
    }
    return array.toString();
  }
}
