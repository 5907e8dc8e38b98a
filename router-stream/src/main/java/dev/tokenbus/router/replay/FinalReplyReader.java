package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the final replies of requests from topic {@code replies}. Requests that are asked for at
 * the same time and share a partition are served by one pass over it; only their own records are
 * decoded. A long pass does not hold up the others.
 *
 * <p>Thread-safe.
 */
public final class FinalReplyReader implements FinalReplySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FinalReplyReader.class);
  private static final int THREADS = 4;

  /** Collects the requests that end at the same time, and lets their replies reach the log. */
  private static final Duration GATHER = Duration.ofMillis(50);

  /** Of one search: what a partition takes in an hour can be read in this time. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** Writers' clocks may be behind the one that made the id. */
  private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(10);

  private final PartitionScanner log;
  private final RecordDecoder<Reply> decoder;
  private final Map<RequestId, FinalReplySearch> running = new ConcurrentHashMap<>();

  private FinalReplyReader(PartitionScanner log, RecordDecoder<Reply> decoder) {
    this.log = log;
    this.decoder = decoder;
  }

  /** Starts a reader that has no connection yet. */
  public static FinalReplyReader start(KafkaSettings kafka, TopicSchemas schemas) {
    return new FinalReplyReader(
        PartitionScanner.start(kafka, "router-final-replies", THREADS, GATHER),
        schemas.decoder(Reply.class).withHeader(ReplyHeader.class));
  }

  @Override
  public void find(RequestId request, @Nullable Long from, Consumer<FinalReply> found) {
    FinalReplySearch search = new FinalReplySearch(request, found);
    FinalReplySearch known = running.putIfAbsent(request, search);
    if (known != null) {
      known.tell(found);
      found.accept(new FinalReply.Pending());
      return;
    }
    CompletableFuture<Void> _ =
        log.scan(
                new ScanSpec<>(
                    new TopicPartition(Topics.REPLIES.name(), request.replyPartition()),
                    start(request, from),
                    OptionalLong.empty(),
                    Set.of(request.toString()),
                    decoder,
                    search::take,
                    LIMIT))
            .handle((_, problem) -> {
              end(request, search, problem);
              return null;
            });
  }

  private static StartAt start(RequestId request, @Nullable Long from) {
    return from == null
        ? new StartAt.Since(
            request.acceptedAt().minus(CLOCK_DIFFERENCE).truncatedTo(ChronoUnit.SECONDS))
        : new StartAt.Offset(from);
  }

  private void end(RequestId request, FinalReplySearch search, @Nullable Throwable problem) {
    running.remove(request, search);
    if (problem != null) {
      LOG.atWarn()
          .addKeyValue("request_id", request)
          .setCause(problem)
          .log("replies could not be read to their end");
    }
    FinalReply reply = search.conclusion(problem);
    if (reply != null) {
      search.caller().accept(reply);
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
