package dev.tokenbus.ingress.replies.log;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads pages of the reply log for slow clients and for those that come back. A bounded number of
 * readers serves any number of requests; a request holds no resources between two pages.
 *
 * <p>Thread-safe.
 */
public final class ReplyLog implements AutoCloseable {
  /** Begins at the time at which the request was accepted. */
  public static final long FROM_ACCEPTANCE = -1;

  private static final int FETCH_BYTES = 1024 * 1024;
  private static final int MAX_POLL_RECORDS = 4_000;

  /** The consumer prefetches; at the end of the log the next pass would wait this long. */
  private static final int FETCH_WAIT_MS = 5;

  private final List<ReplyLogReader> readers;

  /**
   * Creates the readers, which connect on first use.
   *
   * @param settings the settings of a consumer, without deserializers
   */
  public ReplyLog(Map<String, Object> settings, Deserializer<Reply> decoder, int readerCount) {
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MS);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    readers =
        IntStream.range(0, readerCount)
            .mapToObj(i -> new ReplyLogReader("reply-log-" + i, settings, decoder))
            .toList();
  }

  /**
   * Reads a page of a request's records.
   *
   * @param from the offset to begin at, or {@link #FROM_ACCEPTANCE}
   * @return completes exceptionally if the broker cannot be reached; the same page may then be
   *     requested again
   */
  public CompletableFuture<LogPage> read(RequestId id, long from, int maxBytes) {
    PageRequest request = new PageRequest(id, from, maxBytes);
    // One reader per partition, so that one pass serves all who wait for it.
    readers.get(id.replyPartition() % readers.size()).submit(request);
    return request.page();
  }

  @Override
  public void close() {
    readers.forEach(ReplyLogReader::close);
  }
}
