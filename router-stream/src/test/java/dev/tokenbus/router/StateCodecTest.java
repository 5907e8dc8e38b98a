package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Cause;
import dev.tokenbus.router.lifecycle.Failure;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.Route;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.Failed;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StateCodecTest {
  private static final Instant NOW = Samples.START;
  private static final RequestId ID = Samples.id(3, NOW);
  private static final Attempt ATTEMPT = new Attempt(2, "east", Samples.MODEL, "big", true);
  private static final Run RUN = new Run(-77, "worker-1", 1_700_000_000_000L);
  private static final Failure FAILURE =
      new Failure("provider_error", "It broke", "messages", "east", 502, 1_500L);

  static List<RequestState> states() {
    Request request =
        new Request(
            outcome(),
            NOW.plusSeconds(60),
            new LogPosition(3, 1L << 40),
            1,
            2,
            List.of("east/big"));
    Reply last =
        Reply.newBuilder()
            .setRequestId(ID.toString())
            .setAttempt(3)
            .setClaim(0)
            .setSequence(0)
            .setAt(NOW)
            .setEvent(Failed.newBuilder().setCode("internal").setMessage("x").build())
            .build();
    return List.of(
        new RequestState.Accepted(request, true, false, NOW, NOW.plusMillis(50)),
        new RequestState.Admitted(request, NOW, true, new Route("east", "big"), FAILURE),
        new RequestState.Admitted(request, NOW, false, null, null),
        new RequestState.Dispatched(request, ATTEMPT, NOW, Cause.TIME),
        new RequestState.Streaming(request, ATTEMPT, RUN, List.of(5L, -6L)),
        new RequestState.Stopping(request, ATTEMPT, RUN, NOW.plusSeconds(1), FAILURE),
        new RequestState.Ended(request, new Cause(2, -77), NOW, last, NOW.plusSeconds(120)),
        new RequestState.Ended(request, Cause.ACCEPTANCE, NOW, null, NOW.plusSeconds(120)),
        new RequestState.Gone(ID, 4, NOW.plusSeconds(180)));
  }

  @ParameterizedTest
  @MethodSource("states")
  void readsWhatItHasWritten(RequestState state) throws IOException {
    try (RegistryFixture fixture = RegistryFixture.start();
        SchemaRegistry registry = fixture.client();
        Serde<StoredEntry> serde = StateSerde.create()) {
      TopicSchemas schemas =
          new TopicSchemas(registry).resolve(List.of(Topics.OUTCOMES, Topics.REPLIES));
      StateCodec codec =
          new StateCodec(schemas.serde(RequestFinished.class), schemas.serde(Reply.class));

      byte[] bytes = serde.serializer().serialize("changelog", codec.stored(state));

      assertThat(codec.state(ID, serde.deserializer().deserialize("changelog", bytes)))
          .isEqualTo(state);
      assertThat(bytes.length).isLessThan(1_000);
    }
  }

  @Test
  void keepsACopyOfEverySchemaThatHasBeenWrittenWith() {
    assertThat(StateSerde.schema(StateSerde.LATEST))
        .as("src/main/avro/state.avdl has changed: add its schema as the next version")
        .isEqualTo(StoredEntry.getClassSchema());
  }

  private static RequestFinished outcome() {
    return RequestFinished.newBuilder()
        .setRequestId(ID.toString())
        .setTenant(Samples.TENANT)
        .setKeyId("key")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setModelAsked(Samples.MODEL)
        .setPriority(Priority.BATCH)
        .setStatus(RequestStatus.UNKNOWN)
        .setAcceptedAt(NOW)
        .setFinishedAt(NOW)
        .setAttempts(2)
        .setUnbilled(
            List.of(
                UnbilledAttempt.newBuilder()
                    .setAttempt(1)
                    .setProvider("east")
                    .setModel(Samples.MODEL)
                    .setOutcome(AttemptOutcome.FAILED)
                    .setUsage(Samples.usage(1, 2))
                    .build()))
        .build();
  }
}
