package dev.tokenbus.router.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelAll;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class CommandListenerTest {
  private Instant now = Samples.START;
  private final CancelFeed feed = new CancelFeed(() -> now);
  private final CommandListener listener = new CommandListener(feed);

  @Test
  void passesCommandsAboutOneRequestAndAboutMany() {
    Task task = new Task();
    feed.add(task);
    RequestId id = Samples.id(1, Samples.START);

    take(id.toString(), cancel(CancelReason.CLIENT_GONE));
    take("", all("agent", "researcher"));

    assertThat(task.heard).containsExactly(id.toString(), "AGENT researcher");
  }

  @Test
  void doesNotPassWhatTheRouterItselfCommandsToWorkers() {
    Task task = new Task();
    feed.add(task);

    take(Samples.id(1, Samples.START).toString(), cancel(CancelReason.SUPERSEDED));

    assertThat(task.heard).isEmpty();
  }

  @Test
  void passesOverWhatItDoesNotUnderstand() {
    Task task = new Task();
    feed.add(task);

    take("not-an-id", cancel(CancelReason.CLIENT_GONE));
    take("", all("planet", "earth"));
    take("", all("tenant", "acme"));

    assertThat(task.heard).containsExactly("TENANT acme");
  }

  @Test
  void tellsATaskThatComesLaterOfTheLastMinutes() {
    take("", all("tenant", "old"));
    now = now.plus(Duration.ofMinutes(6));
    take("", all("tenant", "acme"));
    now = now.plus(Duration.ofMinutes(6));
    Task task = new Task();

    feed.add(task);

    assertThat(task.heard).containsExactly("TENANT acme");
  }

  private void take(String requestId, Object command) {
    Control control =
        Control.newBuilder()
            .setRequestId(requestId)
            .setTenant("acme")
            .setAt(now)
            .setCommand(command)
            .build();
    listener.take(
        new TopicRecord.Present<>(
            new ConsumerRecord<>(Topics.CONTROL.name(), 0, 0, requestId, new byte[0]), control));
  }

  private static Cancel cancel(CancelReason reason) {
    return Cancel.newBuilder().setReason(reason).setUpToAttempt(1).build();
  }

  private static CancelAll all(String scope, String name) {
    return CancelAll.newBuilder()
        .setReason(CancelReason.OPERATOR)
        .setScope(scope)
        .setName(name)
        .build();
  }

  private static final class Task implements CancelListener {
    private final List<String> heard = new ArrayList<>();

    @Override
    public void cancelled(RequestId request, Cancel cancel) {
      heard.add(request.toString());
    }

    @Override
    public void cancelled(ScopedCancel command) {
      heard.add(command.scope() + " " + command.name());
    }
  }
}
