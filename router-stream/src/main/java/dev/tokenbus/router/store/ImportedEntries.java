package dev.tokenbus.router.store;

import dev.tokenbus.router.lifecycle.RequestForm;
import dev.tokenbus.router.state.StoredEnded;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredRequest;
import dev.tokenbus.schemas.RequestId;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
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
   * The offset of a request's record, where the request goes on with what its record tells; empty
   * where it has ended.
   *
   * @param value as the old store held it
   * @throws IllegalStateException if the old store was not of a known release
   */
  public Optional<Long> recordOf(RequestId id, byte[] value) {
    return read(id, value)
        .filter(request -> !(request.getState() instanceof StoredEnded))
        .map(StoredRequest::getOffset);
  }

  /**
   * The entry of a request; empty where the old one says only that the request has ended.
   *
   * @param value as the old store held it
   * @param headers of the requests' records by their offsets
   * @throws IllegalStateException if the old store was not of a known release
   */
  public Optional<Entry> request(RequestId id, byte[] value, Map<Long, Header> headers) {
    return read(id, value)
        .map(request -> {
          Header header = headers.get(request.getOffset());
          return header == null ? request : completed(request, header);
        })
        .map(request ->
            new Entry(
                new StateKey.OfRequest(id).encoded(),
                Bytes.wrap(StateSerde.bytes(new StoredEntry(request)))));
  }

  private Optional<StoredRequest> read(RequestId id, byte[] value) {
    try {
      return serde.entry(value).getEntry() instanceof StoredRequest request
          ? Optional.of(request)
          : Optional.empty();
    } catch (UnreadableStateException e) {
      throw new IllegalStateException("The state of request " + id + " cannot be imported", e);
    }
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
