package dev.tokenbus.runtime.replies;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.scan.PartitionScanner;
import dev.tokenbus.runtime.kafka.scan.ScanSpec;
import dev.tokenbus.runtime.lifecycle.Closing;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.serde.RecordDecoder;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads back what stands of requests on topic {@code replies}. Requests that are asked for at the
 * same time and share a partition are served by one pass over it; only their own records are
 * decoded.
 *
 * <p>Thread-safe. A result that completes exceptionally may be asked for again.
 */
public final class ReplyReader implements AutoCloseable {
  private static final int POINT_READERS = 2;

  private final Closing parts = new Closing();
  private final RecordDecoder<Reply> decoder;
  private final PartitionScanner ranges;
  private final PartitionScanner points;

  private ReplyReader(
      KafkaSettings kafka, TopicSchemas schemas, String name, int threads, Duration gather) {
    decoder = schemas.decoder(Reply.class).withHeader(ReplyHeader.class);
    ranges = parts.add(PartitionScanner.start(kafka, name, threads, gather));
    points =
        parts.add(PartitionScanner.ofSingleRecords(kafka, name + "-checkpoints", POINT_READERS));
  }

  /**
   * Starts a reader that has no connection yet.
   *
   * @param name of its threads and Kafka clients
   * @param threads partitions that are read at once
   * @param gather how long the first asker waits for others, so that one pass serves them
   */
  public static ReplyReader start(
      KafkaSettings kafka, TopicSchemas schemas, String name, int threads, Duration gather) {
    return new ReplyReader(kafka, schemas, name, threads, gather);
  }

  /**
   * The request's records from its owner's last checkpoint on, or from the first.
   *
   * @return completes exceptionally if the log could not be read within the query's limit
   */
  public CompletableFuture<ReplyHistory> history(ReplyQuery query) {
    return new LatestCheckpoint(ranges, decoder, query).find();
  }

  /**
   * Everything that was delivered before a checkpoint: the output of those that it names and its
   * own.
   *
   * @return completes exceptionally if one of them cannot be read, for example because the log is
   *     not kept that long
   */
  public CompletableFuture<List<Delta>> output(
      RequestId id, Checkpoint checkpoint, Duration limit) {
    List<CompletableFuture<Optional<LoggedReply>>> earlier =
        checkpoint.getPrevious().stream().map(offset -> at(id, offset, limit)).toList();
    return CompletableFuture.allOf(earlier.toArray(CompletableFuture[]::new))
        .thenApply(_ -> {
          List<Delta> output = new ArrayList<>();
          for (int i = 0; i < earlier.size(); i++) {
            output.addAll(
                checkpoint(id, checkpoint.getPrevious().get(i), earlier.get(i).join()).getOutput());
          }
          output.addAll(checkpoint.getOutput());
          return output;
        });
  }

  /** The request's record at an offset of its partition; empty if there is none of it. */
  public CompletableFuture<Optional<LoggedReply>> at(RequestId id, long offset, Duration limit) {
    CompletableFuture<Optional<LoggedReply>> found = new CompletableFuture<>();
    String key = id.toString();
    return points
        .scan(
            ScanSpec.at(
                new TopicPartition(Topics.REPLIES.name(), id.replyPartition()),
                offset,
                decoder,
                record -> {
                  if (key.equals(record.source().key())) {
                    found.complete(LoggedReply.of(record));
                  }
                  return false;
                },
                limit))
        .thenApply(_ -> found.getNow(Optional.empty()));
  }

  /** Whether what is asked for is read. */
  public boolean ready() {
    return ranges.ready() && points.ready();
  }

  private static Checkpoint checkpoint(RequestId id, long offset, Optional<LoggedReply> record) {
    if (record.isPresent()
        && record.get() instanceof LoggedReply.Known known
        && known.reply().getEvent() instanceof Checkpoint checkpoint) {
      return checkpoint;
    }
    throw new IllegalStateException(
        "Request " + id + " has no readable checkpoint at offset " + offset);
  }

  @Override
  public void close() {
    parts.close();
  }
}
