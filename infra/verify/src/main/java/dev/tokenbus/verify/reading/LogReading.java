package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.verify.findings.Difference;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.ledger.GracePeriods;
import dev.tokenbus.verify.ledger.Ledger;
import dev.tokenbus.verify.ledger.RetentionHorizons;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads topics and tables once into a ledger. Records may be written meanwhile.
 *
 * <p>It goes backwards along the pipeline: first the tables, then the ends of the topics in the
 * order usage, outcomes, attempts, replies, requests, bodies. So for every effect that it sees it
 * also sees the cause, and a cause without its effect is still in progress.
 */
public final class LogReading {
  private final TopicReader topics;
  private final RetentionReader horizonReader;
  private final TableReader tables;
  private final TopicSchemas schemas;

  public LogReading(
      TopicReader topics, RetentionReader horizonReader, TableReader tables, TopicSchemas schemas) {
    this.topics = topics;
    this.horizonReader = horizonReader;
    this.tables = tables;
    this.schemas = schemas;
  }

  public Findings read(Instant now, GracePeriods grace) {
    Ledger ledger = new Ledger();
    EntryDecoder decoding = new EntryDecoder(schemas, tables.read(ledger::add));
    List<Source> sources = backwards(decoding);
    List<Map<TopicPartition, Long>> ends =
        sources.stream().map(source -> topics.ends(source.topic())).toList();
    List<Difference> unreadable = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      Source source = sources.get(i);
      topics.read(ends.get(i), record -> enter(record, source, ledger, unreadable));
    }
    RetentionHorizons horizons =
        horizonReader.read(sources.stream().map(source -> source.topic()).toList(), now);
    return ledger.close(horizons, now, grace).with(unreadable);
  }

  private static List<Source> backwards(EntryDecoder decoding) {
    return List.of(
        new Source(Topics.USAGE, decoding::usage),
        new Source(Topics.OUTCOMES, decoding::outcome),
        new Source(Topics.ATTEMPTS, decoding::attempt),
        new Source(Topics.REPLIES, decoding::reply),
        new Source(Topics.REQUESTS, decoding::accepted),
        new Source(Topics.BODIES, decoding::body));
  }

  private static void enter(
      ConsumerRecord<byte[], byte[]> record,
      Source source,
      Ledger ledger,
      List<Difference> unreadable) {
    try {
      ReadRecord read = source.decode().apply(record);
      read.entry().ifPresent(ledger::add);
      read.problem().ifPresent(problem -> unreadable.add(unreadable(record, problem)));
    } catch (IllegalArgumentException e) {
      unreadable.add(unreadable(record, String.valueOf(e.getMessage())));
    }
  }

  private static Difference unreadable(ConsumerRecord<byte[], byte[]> record, String problem) {
    return new Difference(
        DifferenceKind.UNREADABLE,
        "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset()),
        problem);
  }

  /** A topic and how its records are decoded. */
  private record Source(Topic topic, Function<ConsumerRecord<byte[], byte[]>, ReadRecord> decode) {}
}
