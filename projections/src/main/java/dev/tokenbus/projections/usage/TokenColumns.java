package dev.tokenbus.projections.usage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.projections.store.Column;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.avro.UsageUnit;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** How token usage stands in columns and in JSON. */
final class TokenColumns {
  /** The classes are disjoint and add up to all tokens of an attempt. */
  private static final SortedMap<String, ToLongFunction<TokenUsage>> CLASSES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("input_tokens", TokenUsage::getInput),
              Map.entry("cache_read_tokens", TokenUsage::getCacheRead),
              Map.entry("cache_read_audio_tokens", TokenUsage::getCacheReadAudio),
              Map.entry("cache_read_image_tokens", TokenUsage::getCacheReadImage),
              Map.entry("cache_write_tokens", TokenUsage::getCacheWrite),
              Map.entry("cache_write_1h_tokens", TokenUsage::getCacheWriteOneHour),
              Map.entry("input_audio_tokens", TokenUsage::getInputAudio),
              Map.entry("input_image_tokens", TokenUsage::getInputImage),
              Map.entry("input_video_tokens", TokenUsage::getInputVideo),
              Map.entry("output_tokens", TokenUsage::getOutput),
              Map.entry("reasoning_tokens", TokenUsage::getReasoning),
              Map.entry("output_audio_tokens", TokenUsage::getOutputAudio),
              Map.entry("output_image_tokens", TokenUsage::getOutputImage),
              Map.entry("output_video_tokens", TokenUsage::getOutputVideo),
              Map.entry("output_citation_tokens", TokenUsage::getOutputCitation)));

  private static final int MILLIONTHS_SCALE = 6;

  private TokenColumns() {}

  /** All classes, the units beside them, who counted, and the provider's own object. */
  static <T> List<Column<RequestId, T>> of(Function<T, @Nullable TokenUsage> usage) {
    List<Column<RequestId, T>> columns = new ArrayList<>();
    CLASSES.forEach((name, count) ->
        columns.add(
            Column.plain(
                name,
                value -> {
                  TokenUsage tokens = usage.apply(value);
                  return tokens == null ? 0L : count.applyAsLong(tokens);
                })));
    columns.add(Column.word("usage_source", value -> sourceOf(usage.apply(value))));
    columns.add(Column.json("usage_raw", value -> rawOf(usage.apply(value))));
    columns.add(Column.json("units", value -> unitsOf(usage.apply(value))));
    return columns;
  }

  /** The usage as a JSON object; every class has a member. */
  static ObjectNode json(TokenUsage usage) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("source", usage.getSource().name().toLowerCase(Locale.ROOT));
    CLASSES.forEach((name, count) -> object.put(name, count.applyAsLong(usage)));
    if (!usage.getUnits().isEmpty()) {
      object.set("units", units(usage.getUnits()));
    }
    object.put("raw", usage.getRaw());
    return object;
  }

  private static UsageSource sourceOf(@Nullable TokenUsage usage) {
    return usage == null ? UsageSource.NONE : usage.getSource();
  }

  private static @Nullable String rawOf(@Nullable TokenUsage usage) {
    return usage == null ? null : usage.getRaw();
  }

  private static @Nullable String unitsOf(@Nullable TokenUsage usage) {
    return usage == null || usage.getUnits().isEmpty() ? null : units(usage.getUnits()).toString();
  }

  private static ObjectNode units(List<UsageUnit> units) {
    SortedMap<String, Long> millionths = new TreeMap<>();
    units.forEach(unit -> millionths.merge(unit.getUnit(), unit.getMillionths(), Math::addExact));
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    millionths.forEach((unit, count) -> object.put(unit, decimal(count)));
    return object;
  }

  private static BigDecimal decimal(long millionths) {
    BigDecimal exact = BigDecimal.valueOf(millionths, MILLIONTHS_SCALE).stripTrailingZeros();
    return exact.scale() < 0 ? exact.setScale(0) : exact;
  }
}
