package dev.tokenbus.workers.recovery;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanRange;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.runtime.kafka.scan.ScanVisitor;
import dev.tokenbus.runtime.lifecycle.Closing;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.runtime.replies.ReplyHistory;
import dev.tokenbus.runtime.replies.ReplyQuery;
import dev.tokenbus.runtime.replies.ReplyReader;
import dev.tokenbus.runtime.replies.StreamOwner;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads from the log what clients have been given. When a worker dies, its streams are dispatched
 * at once, most of them in the same few partitions, so one pass over a partition serves all that
 * wait for it, and a stream with checkpoints is read from the last one.
 *
 * <p>Thread-safe.
 */
public final class LoggedHistory implements StreamHistory, AutoCloseable {
  private static final int THREADS = 4;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Gathers the requests of a worker that has just died. */
  private static final Duration GATHER = Duration.ofMillis(5);

  /** A stream that is open writes its output every ten milliseconds. */
  private static final Duration WATCH = Duration.ofMillis(300);

  private final Closing parts = new Closing();
  private final InstantSource clock;
  private final ReplyReader replies;
  private final PartitionScanner watches;
  private final RecordDecoder<Reply> decoder;

  private LoggedHistory(KafkaSettings kafka, TopicSchemas schemas, InstantSource clock) {
    this.clock = clock;
    replies = parts.add(ReplyReader.start(kafka, schemas, "worker-take-over", THREADS, GATHER));
    watches = parts.add(PartitionScanner.start(kafka, "worker-watch", THREADS, GATHER));
    decoder = schemas.decoder(Reply.class).withHeader(ReplyHeader.class);
  }

  /** Starts a reader that has no connection yet. */
  public static LoggedHistory start(
      KafkaSettings kafka, TopicSchemas schemas, InstantSource clock) {
    return new LoggedHistory(kafka, schemas, clock);
  }

  @Override
  public CompletableFuture<Delivered> read(Query query) {
    return replies
        .history(
            new ReplyQuery(
                query.request(),
                Optional.ofNullable(query.writer()).map(StreamOwner::new),
                query.end(),
                clock.instant(),
                query.from() == null ? OptionalLong.empty() : OptionalLong.of(query.from()),
                LIMIT))
        .thenCompose(history ->
            begin(query.request(), history).thenApply(fold -> folded(fold, history.records())));
  }

  private CompletableFuture<DeliveredFold> begin(RequestId request, ReplyHistory history) {
    if (history.checkpoint().isEmpty()) {
      return CompletableFuture.completedFuture(DeliveredFold.fromTheBeginning());
    }
    LoggedReply.Known last = history.checkpoint().get();
    if (!(last.reply().getEvent() instanceof Checkpoint checkpoint)) {
      throw new IllegalArgumentException("Not a checkpoint: " + last.reply().getEvent().getClass());
    }
    CompletableFuture<List<Delta>> output = replies.output(request, checkpoint, LIMIT);
    return output.thenApply(
        before -> DeliveredFold.behind(before, checkpoint, last.reply(), last.offset()));
  }

  private static Delivered folded(DeliveredFold fold, List<LoggedReply> records) {
    for (LoggedReply record : records) {
      switch (record) {
        case LoggedReply.Known known -> fold.add(known.reply());
        case LoggedReply.Unreadable unreadable ->
            fold.addUnreadable(unreadable.header().orElse(null));
      }
    }
    return fold.delivered();
  }

  @Override
  public CompletableFuture<OptionalInt> stillWrites(RequestId request, long claim) {
    Executor afterWatch =
        CompletableFuture.delayedExecutor(WATCH.toMillis(), TimeUnit.MILLISECONDS);
    return watch(request, new StartAt.End(), _ -> true)
        .thenComposeAsync(end -> wroteBehind(end.from(), request, claim), afterWatch);
  }

  private CompletableFuture<OptionalInt> wroteBehind(long end, RequestId request, long claim) {
    CompletableFuture<OptionalInt> found = new CompletableFuture<>();
    return watch(
            request,
            new StartAt.Offset(end),
            record -> {
              OptionalInt attempt = attempt(claim, record);
              return attempt.isEmpty() || !found.complete(attempt);
            })
        .thenApply(_ -> found.getNow(OptionalInt.empty()));
  }

  private CompletableFuture<ScanRange> watch(
      RequestId request, StartAt start, ScanVisitor<Reply> visitor) {
    return watches.scan(
        new ScanSpec<>(
            new TopicPartition(Topics.REPLIES.name(), request.replyPartition()),
            start,
            OptionalLong.empty(),
            Set.of(request.toString()),
            decoder,
            visitor,
            LIMIT));
  }

  /** The attempt of a record of the run; empty where it is another run's. */
  private static OptionalInt attempt(long claim, TopicRecord<Reply> record) {
    return switch (record) {
      case TopicRecord.Present<Reply>(var source, Reply reply) ->
          reply.getClaim() == claim ? OptionalInt.of(reply.getAttempt()) : OptionalInt.empty();
      case TopicRecord.Unreadable<Reply> unreadable ->
          unreadable
              .why()
              .header(ReplyHeader.class)
              .filter(header -> header.getClaim() == claim)
              .map(header -> OptionalInt.of(header.getAttempt()))
              .orElse(OptionalInt.empty());
      case TopicRecord.Tombstone<Reply> tombstone -> OptionalInt.empty();
    };
  }

  @Override
  public void close() {
    parts.close();
  }
}
