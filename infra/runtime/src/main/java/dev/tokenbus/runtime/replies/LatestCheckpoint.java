package dev.tokenbus.runtime.replies;

import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
        ? search(FIRST_WINDOW, query.end(), CheckpointWindow.behindAll(query.owner().get()))
        : read(beginning(), query.end(), CheckpointWindow.untrusting()).thenApply(Pass::history);
  }

  private CompletableFuture<ReplyHistory> search(
      Duration length, long end, CheckpointWindow window) {
    // Those who come back together ask for one and the same second.
    Instant start = query.endTime().minus(length).truncatedTo(ChronoUnit.SECONDS);
    boolean last = !start.isAfter(query.id().acceptedAt());
    StartAt from = last ? beginning() : new StartAt.Since(start, query.from().orElse(0));
    return read(from, end, window)
        .thenCompose(pass -> {
          ReplyHistory history = pass.history();
          return last || history.checkpoint().isPresent()
              ? CompletableFuture.completedFuture(history)
              : search(
                  length.multipliedBy(GROWTH), Math.min(end, pass.from()), pass.window().before());
        });
  }

  private StartAt beginning() {
    OptionalLong from = query.from();
    return from.isPresent()
        ? new StartAt.Offset(from.getAsLong())
        : new StartAt.Since(
            query.id().acceptedAt().minus(CLOCK_DIFFERENCE).truncatedTo(ChronoUnit.SECONDS));
  }

  private CompletableFuture<Pass> read(StartAt from, long end, CheckpointWindow window) {
    return scanner
        .scan(
            new ScanSpec<>(
                new TopicPartition(Topics.REPLIES.name(), query.id().replyPartition()),
                from,
                OptionalLong.of(end),
                Set.of(query.id().toString()),
                decoder,
                window::take,
                query.limit()))
        .thenApply(range -> new Pass(window, range.from()));
  }

  /** A window that has been read, and where it began. */
  private record Pass(CheckpointWindow window, long from) {
    ReplyHistory history() {
      return window.history();
    }
  }
}
