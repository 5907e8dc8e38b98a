package dev.tokenbus.projections.store;

import dev.tokenbus.schemas.RequestId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A column that a projection writes.
 *
 * @param placeholder of the value in the INSERT statement
 * @param value what JDBC binds
 */
public record Column<K, T>(
    String name, String placeholder, Function<Sourced<K, T>, ? extends @Nullable Object> value) {

  /** Text, with U+0000 replaced. */
  public static <K, T> Column<K, T> text(String name, Function<T, @Nullable String> value) {
    return new Column<>(name, "?", row -> StorableText.text(value.apply(row.value())));
  }

  /** An enum, by its name in lower case. */
  public static <K, T> Column<K, T> word(
      String name, Function<T, ? extends @Nullable Enum<?>> value) {
    return new Column<>(
        name,
        "?",
        row -> {
          Enum<?> word = value.apply(row.value());
          return word == null ? null : word.name().toLowerCase(Locale.ROOT);
        });
  }

  /** A number or a truth value. */
  public static <K, T> Column<K, T> plain(
      String name, Function<T, ? extends @Nullable Object> value) {
    return new Column<>(name, "?", row -> value.apply(row.value()));
  }

  /** An instant, to the microsecond. */
  public static <K, T> Column<K, T> instant(String name, Function<T, @Nullable Instant> value) {
    return new Column<>(
        name,
        "?",
        row -> {
          Instant instant = value.apply(row.value());
          return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
        });
  }

  /** JSON text for a {@code jsonb} column. */
  public static <K, T> Column<K, T> json(String name, Function<T, @Nullable String> value) {
    return new Column<>(
        name, "CAST(? AS jsonb)", row -> StorableText.json(value.apply(row.value())));
  }

  /** Texts by name as a JSON object; null where there is none. */
  public static <K, T> Column<K, T> textMap(String name, Function<T, Map<String, String>> value) {
    return new Column<>(
        name, "CAST(? AS jsonb)", row -> StorableText.textMap(value.apply(row.value())));
  }

  /** Texts as a JSON array; null where there is none. */
  public static <K, T> Column<K, T> textList(
      String name, Function<T, @Nullable List<String>> value) {
    return new Column<>(
        name, "CAST(? AS jsonb)", row -> StorableText.textList(value.apply(row.value())));
  }

  /** The request id, the first half of the primary key. */
  public static <T> Column<RequestId, T> requestId() {
    return new Column<>("request_id", "?", row -> row.key().value());
  }

  /** The time in the id, not the record's own, so that a repeat finds its row. */
  public static <T> Column<RequestId, T> acceptedAt() {
    return new Column<>("accepted_at", "?", row -> row.key().acceptedAt().atOffset(ZoneOffset.UTC));
  }

  /** The Kafka partition that the record came from. */
  public static <K, T> Column<K, T> sourcePartition() {
    return new Column<>("source_partition", "?", row -> row.partition().partition());
  }

  /** The record's offset in its partition. */
  public static <K, T> Column<K, T> sourceOffset() {
    return new Column<>("source_offset", "?", Sourced::offset);
  }
}
