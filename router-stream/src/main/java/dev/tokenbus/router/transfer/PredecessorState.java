package dev.tokenbus.router.transfer;

import dev.tokenbus.router.inbound.Inbound;
import dev.tokenbus.router.lifecycle.RequestForm;
import dev.tokenbus.router.store.ImportedEntries;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the router of 0.1.0 kept, two stores with two changelogs, and writes it as one. What
 * 0.1.0 did not keep of a request, since it read its record again, is read now.
 *
 * <p>Not thread-safe.
 */
final class PredecessorState {
  private static final Logger LOG = LoggerFactory.getLogger(PredecessorState.class);

  private final String group;
  private final LogCopy log;
  private final Deserializer<Inbound> requests;

  PredecessorState(String group, LogCopy log, Deserializer<Inbound> requests) {
    this.group = group;
    this.log = log;
    this.requests = requests;
  }

  /** Returns how many entries were written. */
  long copy(
      StreamsGroups groups, StateWriter writer, Map<TopicPartition, OffsetAndMetadata> offsets) {
    // First, so that other instances see at once that there is a writer.
    offsets.forEach((partition, offset) -> {
      if (partition.topic().equals(Topics.REQUESTS.name())) {
        ImportedEntries.Entry mark = ImportedEntries.watermark(partition.topic(), offset.offset());
        writer.put(partition.partition(), mark.key(), mark.value().get());
      }
    });
    long entries = 0;
    String states = group + "-requests-changelog";
    if (groups.exists(states)) {
      for (int partition = 0; partition < groups.partitions(states); partition++) {
        entries += copyRequests(states, partition, writer);
      }
    }
    String keys = group + "-idempotency-keys-changelog";
    if (groups.exists(keys)) {
      for (int partition = 0; partition < groups.partitions(keys); partition++) {
        for (Map.Entry<Bytes, byte[]> key : log.latest(keys, partition).entrySet()) {
          writer.put(partition, ImportedEntries.idempotencyKey(key.getKey()), key.getValue());
          entries++;
        }
      }
    }
    return entries;
  }

  private long copyRequests(String changelog, int partition, StateWriter writer) {
    ImportedEntries entries = new ImportedEntries();
    Map<Bytes, byte[]> states = log.latest(changelog, partition);
    Map<Long, ImportedEntries.Header> headers = headers(entries, states, partition);
    long copied = 0;
    for (Map.Entry<Bytes, byte[]> state : states.entrySet()) {
      Optional<ImportedEntries.Entry> imported =
          entries.request(id(state.getKey()), state.getValue(), headers);
      if (imported.isPresent()) {
        writer.put(partition, imported.get().key(), imported.get().value().get());
        copied++;
      }
    }
    return copied;
  }

  /**
   * What the requests' own records tell, by offset; those of requests that have ended are not
   * asked. One pass, since no request goes on meanwhile.
   */
  private Map<Long, ImportedEntries.Header> headers(
      ImportedEntries entries, Map<Bytes, byte[]> states, int partition) {
    NavigableMap<Long, RequestId> wanted = new TreeMap<>();
    states.forEach((key, value) -> {
      RequestId id = id(key);
      entries.recordOf(id, value).ifPresent(offset -> wanted.put(offset, id));
    });
    Map<Long, ImportedEntries.Header> headers = new HashMap<>();
    log.visit(
        Topics.REQUESTS.name(),
        partition,
        wanted.navigableKeySet(),
        (offset, value) ->
            header(wanted.get(offset), value).ifPresent(header -> headers.put(offset, header)));
    wanted.forEach((offset, id) -> {
      if (!headers.containsKey(offset)) {
        LOG.atWarn()
            .addKeyValue("request_id", id)
            .addKeyValue("partition", partition)
            .addKeyValue("offset", offset)
            .log("request is imported without what its record tells");
      }
    });
    return headers;
  }

  private Optional<ImportedEntries.Header> header(@Nullable RequestId id, byte[] value) {
    try {
      return requests.deserialize(Topics.REQUESTS.name(), value)
              instanceof Inbound.Accepted accepted
          ? Optional.of(
              new ImportedEntries.Header(RequestForm.of(accepted.header()), accepted.bytes()))
          : Optional.empty();
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue("request_id", id)
          .setCause(e)
          .log("record of an imported request cannot be read");
      return Optional.empty();
    }
  }

  private static RequestId id(Bytes key) {
    ByteBuffer buffer = ByteBuffer.wrap(key.get());
    return new RequestId(new UUID(buffer.getLong(), buffer.getLong()));
  }
}
