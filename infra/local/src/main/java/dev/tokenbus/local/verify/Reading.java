package dev.tokenbus.local.verify;

import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Reads everything once into a ledger, while records are being written.
 *
 * <p>The reading goes backwards along the pipeline: first the tables, then the ends of the topics
 * in the order usage, outcomes, attempts, replies, requests. So every effect that is seen has its
 * cause seen, and what has a cause but no effect yet is on its way.
 */
final class Reading {
  private final TopicReader topics;
  private final HorizonReader horizonReader;
  private final TableReader tables;
  private final TopicSchemas schemas;

  Reading(
      TopicReader topics, HorizonReader horizonReader, TableReader tables, TopicSchemas schemas) {
    this.topics = topics;
    this.horizonReader = horizonReader;
    this.tables = tables;
    this.schemas = schemas;
  }

  Findings read(Instant now, Patience patience) {
    Ledger ledger = new Ledger();
    Decoding decoding = new Decoding(schemas, tables.read(ledger::add));
    List<Source> sources = backwards(decoding);
    List<Map<TopicPartition, Long>> ends =
        sources.stream().map(source -> topics.ends(source.topic())).toList();
    List<Difference> unreadable = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      Source source = sources.get(i);
      topics.read(ends.get(i), record -> enter(record, source, ledger, unreadable));
    }
    Horizons horizons =
        horizonReader.read(sources.stream().map(source -> source.topic()).toList(), now);
    return ledger.close(horizons, now, patience).with(unreadable);
  }

  private static List<Source> backwards(Decoding decoding) {
    return List.of(
        new Source(Topics.USAGE, decoding::usage),
        new Source(Topics.OUTCOMES, decoding::outcome),
        new Source(Topics.ATTEMPTS, decoding::attempt),
        new Source(Topics.REPLIES, decoding::reply),
        new Source(Topics.REQUESTS, decoding::accepted));
  }

  private static void enter(
      ConsumerRecord<byte[], byte[]> record,
      Source source,
      Ledger ledger,
      List<Difference> unreadable) {
    try {
      ledger.add(source.decode().apply(record));
    } catch (SerializationException | IllegalArgumentException e) {
      unreadable.add(
          new Difference(
              DifferenceKind.UNREADABLE,
              "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset()),
              String.valueOf(e.getMessage())));
    }
  }

  /** A topic and what its records say. */
  private record Source(Topic topic, Function<ConsumerRecord<byte[], byte[]>, Entry> decode) {}
}
