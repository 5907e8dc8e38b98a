package dev.tokenbus.verify.ledger;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Rejected;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * What topics and tables may hold after an ordinary day: retries, take-overs, zombies that write
 * on, repeats, requests in flight, projections that are behind. Nothing in it is wrong.
 */
final class History {
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private final Random random;
  private final List<Entry> entries = new ArrayList<>();
  private final List<RequestId> ended = new ArrayList<>();
  private final Set<RequestId> written = new HashSet<>();

  /** Of an earlier request, under its idempotency key. */
  private final Set<RequestId> repeats = new HashSet<>();

  History(long seed) {
    random = new Random(seed);
    int requests = 1 + random.nextInt(12);
    for (int i = 0; i < requests; i++) {
      request();
    }
    if (random.nextBoolean()) {
      // The ingress died between the body and the request.
      entries.add(
          new Entry.BodyWritten(
              RequestId.of(NOW.minusSeconds(700), 0, random), new BodyPosition(0, 77)));
    }
  }

  List<Entry> entries() {
    return entries;
  }

  /** A request that has ended long ago and is written down, on topics and in tables. */
  Optional<RequestId> settled() {
    return ended.stream().filter(written::contains).findFirst();
  }

  private void request() {
    Instant acceptedAt = NOW.minusSeconds(600 + random.nextInt(600));
    RequestId id = RequestId.of(acceptedAt, random.nextInt(16), random);
    boolean inFlight = random.nextInt(5) == 0;
    boolean projected = random.nextInt(4) > 0;
    Optional<BodyPosition> body =
        random.nextInt(3) == 0
            ? Optional.of(new BodyPosition(random.nextInt(4), random.nextInt(1000)))
            : Optional.empty();
    body.ifPresent(position -> entries.add(new Entry.BodyWritten(id, position)));
    entries.add(
        new Entry.Accepted(
            id, inFlight ? NOW.plusSeconds(60) : acceptedAt.plusSeconds(120), projected, body));
    if (random.nextInt(8) == 0) {
      entries.add(entries.getLast());
    }
    RequestStatus status = status();
    int attempts = status == RequestStatus.REJECTED ? 0 : 1 + random.nextInt(3);
    replies(id, status, attempts, inFlight);
    for (int attempt = 1; attempt <= attempts; attempt++) {
      entries.add(new Entry.Attempted(id, attempt));
    }
    if (!inFlight) {
      end(id, status, attempts, projected);
    } else if (projected) {
      entries.add(new Entry.RequestRow(id, Optional.empty()));
    }
  }

  private void end(RequestId id, RequestStatus status, int attempts, boolean projected) {
    boolean billed = status == RequestStatus.COMPLETED || status == RequestStatus.CANCELLED;
    Bill bill =
        billed
            ? new Bill(status, attempts, random.nextInt(1000), random.nextInt(1000))
            : new Bill(status, 0, 0, 0);
    Instant finishedAt = id.acceptedAt().plus(Duration.ofSeconds(20));
    int outcomes = 1 + random.nextInt(2);
    for (int i = 0; i < outcomes; i++) {
      entries.add(new Entry.Finished(id, bill, finishedAt, projected, repeats.contains(id)));
    }
    entries.add(new Entry.Billed(id, bill, projected));
    if (projected) {
      entries.add(new Entry.UsageRow(id, bill));
      entries.add(new Entry.RequestRow(id, Optional.of(status)));
      written.add(id);
    }
    ended.add(id);
  }

  private void replies(RequestId id, RequestStatus status, int attempts, boolean inFlight) {
    if (status == RequestStatus.REJECTED) {
      if (!inFlight) {
        if (random.nextBoolean()) {
          say(id, 0, 0, 0, new Rejected());
        } else {
          repeats.add(id);
          say(id, 0, 0, 0, new Attached());
        }
      }
      return;
    }
    say(id, 0, 0, 0, deltas());
    for (int attempt = 1; attempt <= attempts; attempt++) {
      long claim = attempt * 100L;
      int deltas = 1 + random.nextInt(3);
      for (int sequence = 0; sequence < deltas; sequence++) {
        say(id, attempt, claim, sequence, deltas());
        if (random.nextInt(6) == 0) {
          say(id, attempt, claim, sequence, deltas()); // a repeat
        }
        if (attempt > 1 && random.nextInt(3) == 0) {
          say(id, attempt - 1, claim - 100, 50, completed()); // one that was thought dead
        }
      }
      if (attempt == attempts && status == RequestStatus.COMPLETED && !inFlight) {
        say(id, attempt, claim, deltas, completed());
      }
    }
    if (status != RequestStatus.COMPLETED && !inFlight) {
      say(id, attempts + 1, 0, 0, failed());
      say(id, attempts, attempts * 100L, 50, completed());
    }
  }

  private void say(RequestId id, int attempt, long claim, int sequence, Object event) {
    entries.add(
        new Entry.Replied(
            id, new Reply(id.toString(), attempt, claim, sequence, id.acceptedAt(), event)));
  }

  private RequestStatus status() {
    return List.of(
            RequestStatus.COMPLETED,
            RequestStatus.COMPLETED,
            RequestStatus.FAILED,
            RequestStatus.CANCELLED,
            RequestStatus.REJECTED)
        .get(random.nextInt(5));
  }

  private static Deltas deltas() {
    return new Deltas(List.of());
  }

  static Completed completed() {
    return Completed.newBuilder().setUsage(TokenUsage.newBuilder().build()).build();
  }

  static Failed failed() {
    return Failed.newBuilder().setCode("stalled").setMessage("it stalled").build();
  }
}
