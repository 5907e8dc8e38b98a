package dev.tokenbus.router.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.LongFunction;
import org.apache.avro.Schema;
import org.apache.avro.message.SchemaStore;
import org.jspecify.annotations.Nullable;

/**
 * The schemas by which the values of a store can be read: every one that a release has written with
 * stands beside this class as {@code state/<version>.avsc} and {@code keys/<version>.avsc}, and the
 * store itself holds those of newer releases.
 *
 * <p>Not thread-safe.
 */
final class StateSchemas {
  /** The resource folder of the schemas of requests. */
  static final String REQUESTS = "state";

  /** The number of the schema by which requests are written. */
  static final int LATEST_REQUEST = 5;

  /** The resource folder of the schemas of the owners of idempotency keys. */
  static final String KEYS = "keys";

  /** The number of the schema by which owners of idempotency keys are written. */
  static final int LATEST_KEY = 1;

  private final SchemaStore.Cache known = new SchemaStore.Cache();
  private final LongFunction<@Nullable Schema> newer;

  /**
   * @param newer finds the schema of a newer release by its fingerprint, or null
   */
  StateSchemas(LongFunction<@Nullable Schema> newer) {
    this.newer = newer;
    for (int version = 1; version <= LATEST_REQUEST; version++) {
      known.addSchema(load(REQUESTS, version));
    }
    for (int version = 1; version <= LATEST_KEY; version++) {
      known.addSchema(load(KEYS, version));
    }
  }

  /** Null where no release that has had the store has left the schema. */
  @Nullable Schema of(long fingerprint) {
    Schema schema = known.findByFingerprint(fingerprint);
    if (schema != null) {
      return schema;
    }
    Schema found = newer.apply(fingerprint);
    if (found != null) {
      known.addSchema(found);
    }
    return found;
  }

  static Schema load(String kind, int version) {
    String name = kind + "/" + version + ".avsc";
    try (InputStream resource = StateSchemas.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("Schema " + name + " is missing from the router's jar");
      }
      return new Schema.Parser().parse(resource);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read schema " + name, e);
    }
  }
}
