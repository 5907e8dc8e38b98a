package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.RequestForm;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredRequest;
import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongFunction;
import org.apache.kafka.common.utils.Bytes;

/**
 * Entries of the store made from those of a release with another topology.
 *
 * <p>Not thread-safe.
 */
public final class ImportedEntries {
  /** An entry of the store. */
  public record Entry(Bytes key, Bytes value) {}

  /**
   * What a request's own record tells.
   *
   * @param bytes size of the record's value
   */
  public record Header(RequestForm form, long bytes) {}

  private final StateSerde serde = new StateSerde(fingerprint -> null);

  /**
   * The entry of a request; empty where the old one says only that the request has ended.
   *
   * @param value as the old store held it
   * @param headers reads the header of the request's record by its offset
   * @throws IllegalStateException if the old store was not of a known release
   */
  public Optional<Entry> request(
      RequestId id, byte[] value, LongFunction<Optional<Header>> headers) {
    StoredEntry old;
    try {
      old = serde.entry(value);
    } catch (UnreadableStateException e) {
      throw new IllegalStateException("The state of request " + id + " cannot be imported", e);
    }
    if (!(old.getEntry() instanceof StoredRequest request)) {
      return Optional.empty();
    }
    StoredRequest imported =
        headers
            .apply(request.getOffset())
            .map(header -> completed(request, header))
            .orElse(request);
    return Optional.of(
        new Entry(
            new StateKey.OfRequest(id).encoded(),
            Bytes.wrap(StateSerde.bytes(new StoredEntry(imported)))));
  }

  private static StoredRequest completed(StoredRequest request, Header header) {
    RequestForm form = header.form();
    return StoredRequest.newBuilder(request)
        .setStream(form.stream())
        .setIncludeUsage(form.includeUsage())
        .setOptions(form.options())
        .setTraceparent(form.traceparent())
        .setRepliesFrom(form.repliesFrom())
        .setEstimatedInputTokens(form.estimatedInputTokens())
        .setBytes(header.bytes())
        .build();
  }

  /** The key of an idempotency key's owner, from that of the store it had to itself in 0.1.0. */
  public static Bytes idempotencyKey(Bytes old) {
    byte[] namespace = StateKey.first(StateKey.IDEMPOTENCY).get();
    return Bytes.wrap(
        ByteBuffer.allocate(namespace.length + old.get().length)
            .put(namespace)
            .put(old.get())
            .array());
  }

  /** The entry that tells how far a topic was processed. */
  public static Entry watermark(String topic, long offset) {
    return new Entry(
        new StateKey.OfWatermark(topic).encoded(),
        Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(offset).array()));
  }
}
