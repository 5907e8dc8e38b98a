package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.router.lifecycle.RequestForm;
import dev.tokenbus.router.lifecycle.RequestState.Streaming;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.RequestFinished;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkerIndexTest {
  private static final Instant NOW = Samples.START;

  private final WorkerIndex index = new WorkerIndex();

  @Test
  void handsOverTheRequestsOfADeadWorkerInPartsOfTheSizeAskedFor() {
    List<RequestId> ids =
        IntStream.range(0, 5).mapToObj(number -> Samples.id(number, NOW)).toList();
    ids.forEach(id -> index.moved(id, null, running(id, "dead", Instant.EPOCH)));
    RequestId other = Samples.id(6, NOW);
    index.moved(other, null, running(other, "alive", Instant.EPOCH));

    List<RequestId> first = lost(NOW, 3);
    assertThat(first).hasSize(3);
    first.forEach(id -> index.moved(id, running(id, "dead", Instant.EPOCH), null));
    List<RequestId> second = lost(NOW, 3);

    assertThat(second).hasSize(2).doesNotContainAnyElementsOf(first).doesNotContain(other);
  }

  @Test
  void leavesARequestAloneWhoseWorkerIsTrustedStill() {
    RequestId id = Samples.id(1, NOW);
    RequestId other = Samples.id(2, NOW);
    Instant until = NOW.plusSeconds(3);
    index.moved(id, null, running(id, "dead", until));
    index.moved(other, null, running(other, "dead", Instant.EPOCH));

    assertThat(lost(NOW, 1)).containsExactly(other);
    assertThat(lost(until.minusMillis(1), 5)).containsExactly(other);
    assertThat(lost(until, 5)).containsExactlyInAnyOrder(id, other);
  }

  private List<RequestId> lost(Instant now, int most) {
    return index.requestsOf(run -> run.workerId().equals("dead"), now, most);
  }

  private static Streaming running(RequestId id, String worker, Instant trustUntil) {
    RequestFinished outcome = new RequestFinished();
    outcome.put("requestId", id.toString());
    return new Streaming(
        new Request(
            outcome,
            NOW.plusSeconds(60),
            new LogPosition(0, 0, 1),
            new RequestForm(true, false, Map.of(), null, null, 0),
            0,
            0,
            List.of(),
            null,
            null),
        new Attempt(1, "east", Samples.MODEL, "big"),
        new Run(1, worker, 1),
        List.of(),
        null,
        trustUntil);
  }
}
