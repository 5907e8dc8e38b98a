package dev.tokenbus.projections.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.projections.ProjectionsApp;
import dev.tokenbus.projections.fixture.NewerWriter;
import dev.tokenbus.projections.fixture.ProjectionsStack;
import dev.tokenbus.projections.fixture.RegistryGate;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.schemas.avro.UsageRecorded;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A newer writer's records arrive while the registry cannot say what they are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryAwayIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration LONG_ENOUGH_TO_GIVE_UP = Duration.ofSeconds(4);

  private ProjectionsStack stack;
  private ProjectionsApp app;

  @BeforeAll
  void start(@TempDir Path directory) {
    stack = new ProjectionsStack(directory);
    app = ProjectionsApp.start(stack.context, stack.settings());
    await().atMost(TIMEOUT).until(app::ready);
  }

  @AfterAll
  void stop() {
    app.close();
    stack.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = RegistryGate.State.class,
      names = {"UNAVAILABLE", "DROPS_CONNECTIONS"})
  void waitsAndSkipsNothing(RegistryGate.State state) {
    String tenant = state.name();
    NewerWriter newer = new NewerWriter(stack.registry.url(), "since_" + state);
    byte[] nobodysSchema = ByteBuffer.allocate(30).put((byte) 0).putInt(4711).array();
    long lettersBefore = deadLetters();
    stack.gate.become(state);

    stack.produceBytes(
        "usage",
        tenant,
        List.of(known(tenant), newer.bytes(usage(tenant)), nobodysSchema, known(tenant)));

    await().atMost(TIMEOUT).until(() -> !app.ready());
    await()
        .during(LONG_ENOUGH_TO_GIVE_UP)
        .atMost(LONG_ENOUGH_TO_GIVE_UP.multipliedBy(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !app.ready());
    assertThat(deadLetters()).isEqualTo(lettersBefore);
    stack.gate.become(RegistryGate.State.OPEN);

    await().atMost(TIMEOUT).until(() -> rows(tenant) == 3);
    await().atMost(TIMEOUT).until(app::ready);
    assertThat(deadLetters()).isEqualTo(lettersBefore + 1);
  }

  private static UsageRecorded usage(String tenant) {
    return Samples.usage(Samples.id(Instant.now()), tenant).build();
  }

  private byte[] known(String tenant) {
    return stack.context.schemas().serializer().serialize("usage", usage(tenant));
  }

  private long rows(String tenant) {
    return stack
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("SELECT count(*) FROM usage_events WHERE tenant = ?")
                .bind(0, tenant)
                .mapTo(Long.class)
                .one());
  }

  private long deadLetters() {
    TopicPartition letters = new TopicPartition(DeadLetterPublisher.APP + ".dlq", 0);
    try (Admin admin = Admin.create(stack.context.kafka().common())) {
      return admin
          .listOffsets(Map.of(letters, OffsetSpec.latest()))
          .partitionResult(letters)
          .get()
          .offset();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
