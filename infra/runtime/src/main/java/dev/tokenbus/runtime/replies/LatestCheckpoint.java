package dev.tokenbus.runtime.replies;

import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanRange;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.serde.RecordDecoder;
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
 * Looks for the last checkpoint of a request's stream, window by window backwards, each four times
 * as long as the one before. A record is read once, whatever window it stands in; what is found
 * behind the checkpoint, or behind the request's beginning where there is none, is the history.
 */
final class LatestCheckpoint {
  /** Checkpoints are written every five seconds; two of them are in here. */
  private static final Duration FIRST_WINDOW = Duration.ofSeconds(12);

  private static final int GROWTH = 4;

  /** Writers' clocks may be behind the one that made the id. */
  private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

  private final PartitionScanner scanner;
  private final RecordDecoder<Reply> decoder;
  private final ReplyQuery query;

  LatestCheckpoint(PartitionScanner scanner, RecordDecoder<Reply> decoder, ReplyQuery query) {
    this.scanner = scanner;
    this.decoder = decoder;
    this.query = query;
  }

  CompletableFuture<ReplyHistory> find() {
    return query.owner().isPresent()
        ? search(FIRST_WINDOW, query.end(), List.of())
        : read(beginning(), query.end(), new Window())
            .thenApply(window -> new ReplyHistory(Optional.empty(), window.records));
  }

  private CompletableFuture<ReplyHistory> search(
      Duration length, long end, List<LoggedReply> later) {
    // Those who come back together ask for one and the same second.
    Instant start = query.endTime().minus(length).truncatedTo(ChronoUnit.SECONDS);
    boolean last = !start.isAfter(query.id().acceptedAt());
    StartAt from = last ? beginning() : new StartAt.Since(start, query.from().orElse(0));
    return read(from, end, new Window())
        .thenCompose(window -> {
          List<LoggedReply> records = new ArrayList<>(window.records);
          records.addAll(later);
          return last || window.checkpoint.isPresent()
              ? CompletableFuture.completedFuture(new ReplyHistory(window.checkpoint, records))
              : search(length.multipliedBy(GROWTH), Math.min(end, window.from), records);
        });
  }

  private StartAt beginning() {
    OptionalLong from = query.from();
    return from.isPresent()
        ? new StartAt.Offset(from.getAsLong())
        : new StartAt.Since(
            query.id().acceptedAt().minus(CLOCK_DIFFERENCE).truncatedTo(ChronoUnit.SECONDS));
  }

  private CompletableFuture<Window> read(StartAt from, long end, Window window) {
    String key = query.id().toString();
    return scanner
        .scan(
            new ScanSpec<>(
                new TopicPartition(Topics.REPLIES.name(), query.id().replyPartition()),
                from,
                OptionalLong.of(end),
                Set.of(key),
                decoder,
                window::take,
                query.limit()))
        .thenApply(window::read);
  }

  /** What one pass has found: the last checkpoint and what stands behind it. */
  private final class Window {
    private Optional<LoggedReply.Known> checkpoint = Optional.empty();
    private final List<LoggedReply> records = new ArrayList<>();
    private int attempt = -1;
    private long from;

    private boolean take(TopicRecord<Reply> record) {
      LoggedReply.of(record).ifPresent(this::add);
      return true;
    }

    private void add(LoggedReply logged) {
      if (logged instanceof LoggedReply.Known known && isUsable(known.reply())) {
        checkpoint = Optional.of(known);
        records.clear();
      } else {
        records.add(logged);
      }
      attempt = Math.max(attempt, logged.attempt());
    }

    /** What stands behind a record of a later attempt is fenced off, and no reader has seen it. */
    private boolean isUsable(Reply reply) {
      return reply.getEvent() instanceof Checkpoint
          && reply.getAttempt() >= attempt
          && query.owner().filter(owner -> owner.wrote(reply)).isPresent();
    }

    private Window read(ScanRange range) {
      from = range.from();
      return this;
    }
  }
}
