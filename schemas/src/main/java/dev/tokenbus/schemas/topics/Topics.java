package dev.tokenbus.schemas.topics;

import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestBody;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.avro.WorkerHeartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;

/**
 * The topic catalogue: every topic there is, with its settings. {@code asyncapi.yaml} agrees with
 * it.
 */
public final class Topics {
  /**
   * Largest record on topics that carry whole requests or answers: a 10 MB body with room for its
   * envelope.
   */
  public static final int LARGE_RECORD_BYTES = 12 * 1024 * 1024;

  /**
   * Largest body, as bytes of {@link RequestBody} in the wire format, that stands in the request's
   * own record; a larger one stands on {@link #BODIES}.
   */
  public static final int INLINE_BODY_BYTES = 64 * 1024;

  private static final int SMALL_RECORD_BYTES = 1024 * 1024;

  /**
   * {@code requests}, {@code attempts} and {@code outcomes} are co-partitioned by lane: the number
   * must be one and the same, and cannot be changed afterwards without moving the router's state.
   */
  private static final int LANE_PARTITIONS = 4;

  public static final Topic REQUESTS =
      large("requests", "lane", RequestAccepted.getClassSchema(), LANE_PARTITIONS, days(7));
  public static final Topic ATTEMPTS =
      small("attempts", "lane", AttemptEvent.getClassSchema(), LANE_PARTITIONS, days(30));
  public static final Topic OUTCOMES =
      small("outcomes", "tenant", RequestFinished.getClassSchema(), LANE_PARTITIONS, days(30));
  public static final Topic USAGE =
      small("usage", "tenant", UsageRecorded.getClassSchema(), LANE_PARTITIONS, days(400));
  public static final Topic REPLIES =
      large("replies", "request", Reply.getClassSchema(), 16, days(1));

  public static final Topic BODIES =
      large("bodies", "request", RequestBody.getClassSchema(), LANE_PARTITIONS, days(7));

  public static final Topic CONTROL =
      small("control", "request", Control.getClassSchema(), 1, Duration.ofHours(1));

  /** Four heartbeats a second and worker: only a log that is closed often can be compacted. */
  public static final Topic WORKERS =
      compacted("workers", "worker", WorkerHeartbeat.getClassSchema(), Duration.ofMinutes(10));

  public static final Topic CATALOGUE =
      compacted("catalogue", "kind/name", CatalogueEntry.getClassSchema(), Duration.ofHours(1));

  /** Apart from the catalogue, since there are many and each is looked up alone. */
  public static final Topic KEYS =
      compacted("keys", "key id", ApiKeyRecord.getClassSchema(), Duration.ofHours(1));

  private static final String WORK_PREFIX = "work.";

  private Topics() {}

  /** All topics with a fixed name; those of {@link #work} come with the providers. */
  public static List<Topic> all() {
    return List.of(
        REQUESTS, BODIES, ATTEMPTS, OUTCOMES, USAGE, REPLIES, CONTROL, WORKERS, CATALOGUE, KEYS);
  }

  /** As {@link #all()}, with one work topic standing for those of every provider and class. */
  public static List<Topic> documented() {
    List<Topic> topics = new ArrayList<>(all());
    topics.add(work("provider", Priority.INTERACTIVE));
    return topics;
  }

  /**
   * The topic from which the workers of a provider take attempts. It has one partition: Kafka's
   * assignor for share groups gives each partition to one member only while there are no more
   * members than partitions, so with two partitions and two workers a busy worker would keep work
   * from a free one. A partition that all share lets any free worker take the next record.
   *
   * @param provider name in the catalogue: lower-case letters, digits and hyphens
   */
  public static Topic work(String provider, Priority priority) {
    return large(
        WORK_PREFIX + provider + "." + priority.name().toLowerCase(Locale.ROOT),
        "request",
        AttemptDispatched.getClassSchema(),
        1,
        days(1));
  }

  /** Where an app puts records of its input topics that it cannot process. */
  public static String deadLetters(String app) {
    return app + ".dlq";
  }

  private static Topic large(
      String name, String key, Schema schema, int partitions, Duration kept) {
    return deleted(name, key, schema, partitions, kept, LARGE_RECORD_BYTES);
  }

  private static Topic small(
      String name, String key, Schema schema, int partitions, Duration kept) {
    return deleted(name, key, schema, partitions, kept, SMALL_RECORD_BYTES);
  }

  /** A record lives up to its retention and a segment: a tenth of it, a day at the most. */
  private static Topic deleted(
      String name, String key, Schema schema, int partitions, Duration kept, int maxRecordBytes) {
    Duration tenth = kept.dividedBy(10);
    Duration segment = tenth.compareTo(days(1)) < 0 ? tenth : days(1);
    return new Topic(
        name, key, schema, partitions, Topic.Cleanup.DELETE, kept, segment, maxRecordBytes);
  }

  private static Topic compacted(String name, String key, Schema schema, Duration segment) {
    return new Topic(
        name, key, schema, 1, Topic.Cleanup.COMPACT, days(1), segment, SMALL_RECORD_BYTES);
  }

  private static Duration days(int days) {
    return Duration.ofDays(days);
  }
}
