package dev.tokenbus.ingress.http;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long one body may take to arrive. A small one has a minute; a large one, which takes room
 * from others meanwhile, has to come at a megabit a second. Confined to the request's thread.
 */
final class ReceiptLimit {
  /** A client may begin slowly. */
  static final Duration GRACE = Duration.ofSeconds(10);

  static final Duration SMALL_BODY = Duration.ofSeconds(60);

  static final long BYTES_PER_SECOND = 128 * 1024;

  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier nanos;
  private long begunAt;
  private long receivedBefore;
  private boolean holdsRoom;

  ReceiptLimit(LongSupplier nanos) {
    this.nanos = nanos;
    begunAt = nanos.getAsLong();
  }

  /** Says that the body takes room from others from now on; it was not read while it waited. */
  void roomTaken(long received) {
    holdsRoom = true;
    begunAt = nanos.getAsLong();
    receivedBefore = received;
  }

  /**
   * Checks the pace.
   *
   * @param received how many bytes have come
   * @throws ProblemException 408 if they have come too slowly
   */
  void check(long received) {
    long took = nanos.getAsLong() - begunAt;
    boolean slow =
        holdsRoom
            ? received - receivedBefore
                < (took - GRACE.toNanos()) / NANOS_PER_SECOND * BYTES_PER_SECOND
            : took > SMALL_BODY.toNanos();
    if (slow) {
      throw tooSlow();
    }
  }

  static ProblemException tooSlow() {
    return new ProblemException(
        Problem.of(
            ErrorCode.REQUEST_TIMEOUT,
            "The request body came too slowly: a large one needs "
                + BYTES_PER_SECOND / 1024
                + " KiB a second."));
  }
}
