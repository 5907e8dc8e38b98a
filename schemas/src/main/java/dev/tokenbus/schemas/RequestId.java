package dev.tokenbus.schemas;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Id of a request: a UUID of version 7 (RFC 9562, section 5.7) whose 12 bits after the version hold
 * the partition of {@code replies} that the answer goes to. The id alone therefore tells when the
 * request was accepted, to the millisecond, and where its answer stands.
 *
 * <p>Immutable and thread-safe.
 *
 * @param value a UUID of version 7 and the IETF variant
 */
public record RequestId(UUID value) implements Comparable<RequestId> {
  /** Reply partitions an id can carry: 0 to {@value} - 1. */
  public static final int MAX_REPLY_PARTITIONS = 1 << 12;

  public RequestId {
    Objects.requireNonNull(value, "value");
    if (value.version() != 7 || value.variant() != 2) {
      throw new IllegalArgumentException("Not a request id (UUID version 7): " + value);
    }
  }

  /**
   * Makes an id.
   *
   * @param acceptedAt taken to the millisecond
   * @param replyPartition 0 to {@link #MAX_REPLY_PARTITIONS} - 1
   * @param random 62 bits are taken from it
   */
  public static RequestId of(Instant acceptedAt, int replyPartition, RandomGenerator random) {
    if (replyPartition < 0 || replyPartition >= MAX_REPLY_PARTITIONS) {
      throw new IllegalArgumentException("Reply partition out of range: " + replyPartition);
    }
    long most = (acceptedAt.toEpochMilli() << 16) | 0x7000L | replyPartition;
    long least = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new RequestId(new UUID(most, least));
  }

  /**
   * Reads the form that {@link #toString()} writes.
   *
   * @throws IllegalArgumentException if the text is not a canonical UUID of version 7
   */
  public static RequestId parse(String text) {
    UUID uuid = UUID.fromString(text);
    if (!uuid.toString().equals(text)) {
      throw new IllegalArgumentException("Not a request id in canonical form: " + text);
    }
    return new RequestId(uuid);
  }

  public Instant acceptedAt() {
    return Instant.ofEpochMilli(value.getMostSignificantBits() >>> 16);
  }

  public int replyPartition() {
    return (int) (value.getMostSignificantBits() & 0xFFF);
  }

  /** Orders by time of acceptance first. */
  @Override
  public int compareTo(RequestId other) {
    int byTime =
        Long.compareUnsigned(value.getMostSignificantBits(), other.value.getMostSignificantBits());
    return byTime != 0
        ? byTime
        : Long.compareUnsigned(
            value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
  }

  /** The canonical form: 36 lower-case characters. */
  @Override
  public String toString() {
    return value.toString();
  }
}
