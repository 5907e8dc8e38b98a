package dev.tokenbus.schemas.serde;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;

/**
 * The schemas of ids that have been seen. While the registry does not know an id or is away, it is
 * asked for the id four times a second at most, however many records carry it, so that a thread
 * which goes on with others' records does not wait for each of these.
 *
 * <p>A registry that answers that it does not know an id is believed only when it has said so for
 * half a minute: a replica that lags behind the one which gave the id out a moment ago says the
 * same, and a record that is given up is given up for ever.
 *
 * <p>Thread-safe; threads that ask for the same unseen id at once may each make the call.
 */
final class SchemaLookup {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long BELIEVED_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

  private record Failure(SchemaRegistryException cause, long at) {}

  private final SchemaRegistry registry;
  private final LongSupplier nanos;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Integer, Failure> failures = new ConcurrentHashMap<>();

  /** When the registry first said of an id that it does not know it. */
  private final Map<Integer, Long> unknownSince = new ConcurrentHashMap<>();

  /**
   * Creates an empty lookup.
   *
   * @param nanos as {@link System#nanoTime}
   */
  SchemaLookup(SchemaRegistry registry, LongSupplier nanos) {
    this.registry = registry;
    this.nanos = nanos;
  }

  void put(int id, Schema schema) {
    schemas.put(id, schema);
  }

  /**
   * The schema of the id.
   *
   * @throws SchemaRegistryException if the registry is away, or does not know the id; {@link
   *     SchemaRegistryException#unknown} says that it never will
   */
  Schema get(int id) {
    Schema known = schemas.get(id);
    return known == null ? asked(id) : known;
  }

  private Schema asked(int id) {
    Failure last = failures.get(id);
    if (last != null && nanos.getAsLong() - last.at < PAUSE_NANOS) {
      throw last.cause;
    }
    try {
      Schema schema = registry.byId(id);
      schemas.put(id, schema);
      failures.remove(id);
      unknownSince.remove(id);
      return schema;
    } catch (SchemaRegistryException e) {
      SchemaRegistryException failure =
          e.answer() == SchemaRegistryException.Answer.NOT_FOUND ? believed(id, e) : e;
      failures.put(id, new Failure(failure, nanos.getAsLong()));
      throw failure;
    }
  }

  private SchemaRegistryException believed(int id, SchemaRegistryException unknown) {
    long now = nanos.getAsLong();
    long since = unknownSince.computeIfAbsent(id, _ -> now);
    return now - since >= BELIEVED_AFTER_NANOS
        ? unknown
        : new SchemaRegistryException(
            unknown.getMessage() + ". It may not have heard of it yet, and is asked again",
            unknown);
  }
}
