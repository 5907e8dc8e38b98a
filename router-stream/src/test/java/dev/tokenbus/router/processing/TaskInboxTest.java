package dev.tokenbus.router.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskInboxTest {
  private final TaskInbox inbox = new TaskInbox();
  private final List<RequestId> found = new ArrayList<>();
  private final List<RequestId> cancelled = new ArrayList<>();

  @Test
  void handsOnNoMoreThanAskedForAndTheRestNextTime() {
    List<RequestId> ids =
        IntStream.range(0, 5).mapToObj(number -> Samples.id(number, Samples.START)).toList();
    Cancel cancel =
        Cancel.newBuilder()
            .setReason(CancelReason.CLIENT_GONE)
            .setUpToAttempt(Integer.MAX_VALUE)
            .build();
    ids.forEach(id -> inbox.found(id, new FinalReply.NoAnswer(null)));
    ids.forEach(id -> inbox.cancelled(id, cancel));

    drain(3);
    assertThat(found).containsExactlyElementsOf(ids.subList(0, 3));
    assertThat(cancelled).containsExactlyElementsOf(ids.subList(0, 3));

    drain(3);
    assertThat(found).containsExactlyElementsOf(ids);
    assertThat(cancelled).containsExactlyElementsOf(ids);
  }

  private void drain(int most) {
    inbox.drain(
        most,
        (id, reply) -> found.add(id),
        (id, cancel) -> cancelled.add(id),
        command -> {
          throw new AssertionError("Nobody has sent " + command);
        });
  }
}
