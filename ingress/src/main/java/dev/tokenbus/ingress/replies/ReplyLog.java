package dev.tokenbus.ingress.replies;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * The log behind the live feed, for those who could not keep up and those who come back. A bounded
 * number of readers serves any number of requests: between two pages a request holds nothing here.
 *
 * <p>Thread-safe.
 */
public final class ReplyLog implements AutoCloseable {
  /** Where to begin with a request of which nothing has been read. */
  public static final long FROM_ACCEPTANCE = -1;

  private static final int FETCH_BYTES = 1024 * 1024;
  private static final int MAX_POLL_RECORDS = 4_000;

  /**
   * The consumer asks ahead; at the end of the log, where nothing comes, the next pass would wait
   * that long.
   */
  private static final int FETCH_WAIT_MS = 5;

  private final List<ReplyLogReader> readers;

  /**
   * A log without any connection yet: readers connect when they are first needed.
   *
   * @param settings of a consumer, without deserializers
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
   * @param from offset to begin at, or {@link #FROM_ACCEPTANCE}
   * @return completes exceptionally if the broker cannot be reached; the same page may then be
   *     asked for again
   */
  CompletableFuture<LogPage> read(RequestId id, long from, int maxBytes) {
    PageOrder order = new PageOrder(id, from, maxBytes);
    // One reader for a partition, so that those who wait for it together are served together.
    readers.get(id.replyPartition() % readers.size()).take(order);
    return order.page();
  }

  @Override
  public void close() {
    readers.forEach(ReplyLogReader::close);
  }
}
