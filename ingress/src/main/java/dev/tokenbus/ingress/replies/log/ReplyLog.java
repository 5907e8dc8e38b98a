package dev.tokenbus.ingress.replies.log;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.runtime.replies.ReplyHistory;
import dev.tokenbus.runtime.replies.ReplyQuery;
import dev.tokenbus.runtime.replies.ReplyReader;
import dev.tokenbus.runtime.replies.StreamOwner;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the reply log for slow clients and for those that come back. A bounded number of readers
 * serves any number of requests; a request holds no resources between two pages.
 *
 * <p>Thread-safe.
 */
public final class ReplyLog implements AutoCloseable {
  /** Begins at the time at which the request was accepted. */
  public static final long FROM_ACCEPTANCE = -1;

  private static final int READERS = 2;

  /** One pass serves all who ask within this time. */
  private static final Duration GATHER = Duration.ofMillis(5);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Writers' clocks may be behind the one that made the id. */
  private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

  /** A younger stream has hardly two checkpoints; it is read from its beginning. */
  private static final Duration WORTH_A_SEARCH = Duration.ofSeconds(10);

  private final RecordDecoder<Reply> decoder;
  private final PartitionScanner pages;
  private final ReplyReader histories;

  private ReplyLog(RecordDecoder<Reply> decoder, PartitionScanner pages, ReplyReader histories) {
    this.decoder = decoder;
    this.pages = pages;
    this.histories = histories;
  }

  /** Starts the readers, which connect on first use. */
  public static ReplyLog start(KafkaSettings kafka, TopicSchemas schemas) {
    return new ReplyLog(
        schemas.decoder(Reply.class).withHeader(ReplyHeader.class),
        PartitionScanner.start(kafka, "ingress-reply-log", READERS, GATHER),
        ReplyReader.start(kafka, schemas, "ingress-resume", READERS, GATHER));
  }

  /**
   * Reads a page of a request's records.
   *
   * @param from the offset to begin at, or {@link #FROM_ACCEPTANCE}
   * @param maxBytes the size of the page, which its last record may exceed
   * @return completes exceptionally if the log could not be read for half a minute; the same page
   *     may then be requested again
   */
  public CompletableFuture<LogPage> read(RequestId id, long from, int maxBytes) {
    Page page = new Page(maxBytes);
    StartAt start =
        from == FROM_ACCEPTANCE
            ? new StartAt.Since(
                id.acceptedAt().minus(CLOCK_DIFFERENCE).truncatedTo(ChronoUnit.SECONDS))
            : new StartAt.Offset(from);
    return pages
        .scan(
            new ScanSpec<>(
                new TopicPartition(Topics.REPLIES.name(), id.replyPartition()),
                start,
                OptionalLong.empty(),
                Set.of(id.toString()),
                decoder,
                page::take,
                LIMIT))
        .thenApply(range -> new LogPage(page.records, Math.max(from, range.to()), !page.isFull()));
  }

  /**
   * Reads what rendering needs of the records before an offset: the last checkpoint before it and
   * the records between, or all records from the first one.
   *
   * @param offset the offset of a record of the request
   * @return empty if the offset is none of the request, or the stream was so young there that it is
   *     read from its beginning; completes exceptionally if the log could not be read
   */
  public CompletableFuture<Optional<ReplyHistory>> before(RequestId id, long offset) {
    return histories
        .at(id, offset, LIMIT)
        .thenCompose(record ->
            record
                .flatMap(ReplyLog::header)
                .filter(header -> isOld(id, header.getAt()))
                .map(header -> history(id, offset, header))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty())));
  }

  private CompletableFuture<Optional<ReplyHistory>> history(
      RequestId id, long offset, ReplyHeader header) {
    return histories
        .history(
            new ReplyQuery(
                id,
                Optional.of(new StreamOwner(header.getClaim())),
                offset,
                header.getAt(),
                OptionalLong.empty(),
                LIMIT))
        .thenApply(Optional::of);
  }

  /** Whether what is asked for is read. */
  public boolean ready() {
    return pages.ready() && histories.ready();
  }

  private static boolean isOld(RequestId id, Instant at) {
    return Duration.between(id.acceptedAt(), at).compareTo(WORTH_A_SEARCH) > 0;
  }

  private static Optional<ReplyHeader> header(LoggedReply record) {
    return switch (record) {
      case LoggedReply.Known known -> {
        Reply reply = known.reply();
        yield Optional.of(
            new ReplyHeader(
                reply.getRequestId(),
                reply.getAttempt(),
                reply.getClaim(),
                reply.getSequence(),
                reply.getAt()));
      }
      case LoggedReply.Unreadable unreadable -> unreadable.header();
    };
  }

  @Override
  public void close() {
    pages.close();
    histories.close();
  }

  /** Collects a page on the scanner's thread. */
  private static final class Page {
    private final List<LoggedReply> records = new ArrayList<>();
    private final int maxBytes;
    private int bytes;

    private Page(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    private boolean take(TopicRecord<Reply> record) {
      LoggedReply.of(record).ifPresent(records::add);
      bytes += record.source().serializedValueSize();
      return !isFull();
    }

    private boolean isFull() {
      return bytes >= maxBytes;
    }
  }
}
