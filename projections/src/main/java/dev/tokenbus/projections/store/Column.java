package dev.tokenbus.projections.store;

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
public record Column<T>(
    String name, String placeholder, Function<Sourced<T>, ? extends @Nullable Object> value) {

  /** Text, with U+0000 replaced. */
  public static <T> Column<T> text(String name, Function<T, @Nullable String> value) {
    return new Column<>(name, "?", row -> StorableText.text(value.apply(row.value())));
  }

  /** An enum, by its name in lower case. */
  public static <T> Column<T> word(String name, Function<T, ? extends @Nullable Enum<?>> value) {
    return new Column<>(
        name,
        "?",
        row -> {
          Enum<?> word = value.apply(row.value());
          return word == null ? null : word.name().toLowerCase(Locale.ROOT);
        });
  }

  /** A number or a truth value. */
  public static <T> Column<T> plain(String name, Function<T, ? extends @Nullable Object> value) {
    return new Column<>(name, "?", row -> value.apply(row.value()));
  }

  /** An instant, to the microsecond. */
  public static <T> Column<T> instant(String name, Function<T, @Nullable Instant> value) {
    return new Column<>(
        name,
        "?",
        row -> {
          Instant instant = value.apply(row.value());
          return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
        });
  }

  /** JSON text for a {@code jsonb} column. */
  public static <T> Column<T> json(String name, Function<T, @Nullable String> value) {
    return new Column<>(
        name, "CAST(? AS jsonb)", row -> StorableText.json(value.apply(row.value())));
  }

  /** Texts by name as a JSON object; null where there is none. */
  public static <T> Column<T> textMap(String name, Function<T, Map<String, String>> value) {
    return new Column<>(
        name, "CAST(? AS jsonb)", row -> StorableText.textMap(value.apply(row.value())));
  }

  /** Texts as a JSON array; null where there is none. */
  public static <T> Column<T> textList(String name, Function<T, @Nullable List<String>> value) {
    return new Column<>(
        name, "CAST(? AS jsonb)", row -> StorableText.textList(value.apply(row.value())));
  }

  /** The request id, the first half of the primary key. */
  public static <T> Column<T> requestId() {
    return new Column<>("request_id", "?", row -> row.id().value());
  }

  /** The time in the id, not the record's own, so that a repeat finds its row. */
  public static <T> Column<T> acceptedAt() {
    return new Column<>("accepted_at", "?", row -> row.id().acceptedAt().atOffset(ZoneOffset.UTC));
  }

  /** The Kafka partition that the record came from. */
  public static <T> Column<T> sourcePartition() {
    return new Column<>("source_partition", "?", row -> row.partition().partition());
  }

  /** The record's offset in its partition. */
  public static <T> Column<T> sourceOffset() {
    return new Column<>("source_offset", "?", Sourced::offset);
  }
}
