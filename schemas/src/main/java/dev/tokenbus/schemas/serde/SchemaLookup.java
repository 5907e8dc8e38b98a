package dev.tokenbus.schemas.serde;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;

/**
 * The schemas of ids that have been seen. While the registry is away it is asked for an id four
 * times a second at most, however many records carry the id, so that a thread which goes on with
 * others' records does not wait for each of these.
 *
 * <p>Thread-safe; threads that ask for the same unseen id at once may each make the call.
 */
final class SchemaLookup {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private record Failure(SchemaRegistryException cause, long at) {}

  private final SchemaRegistry registry;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Integer, Failure> failures = new ConcurrentHashMap<>();

  SchemaLookup(SchemaRegistry registry) {
    this.registry = registry;
  }

  void put(int id, Schema schema) {
    schemas.put(id, schema);
  }

  /**
   * The schema of the id.
   *
   * @throws SchemaRegistryException if the registry is away or does not know the id
   */
  Schema get(int id) {
    Schema known = schemas.get(id);
    return known == null ? asked(id) : known;
  }

  private Schema asked(int id) {
    Failure last = failures.get(id);
    if (last != null && System.nanoTime() - last.at < PAUSE_NANOS) {
      throw last.cause;
    }
    try {
      Schema schema = registry.byId(id);
      schemas.put(id, schema);
      failures.remove(id);
      return schema;
    } catch (SchemaRegistryException e) {
      if (e.unknown()) {
        failures.remove(id);
      } else {
        failures.put(id, new Failure(e, System.nanoTime()));
      }
      throw e;
    }
  }
}
