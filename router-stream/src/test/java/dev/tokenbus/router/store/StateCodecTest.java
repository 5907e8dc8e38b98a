package dev.tokenbus.router.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.router.lifecycle.Attempt;
import dev.tokenbus.router.lifecycle.Failure;
import dev.tokenbus.router.lifecycle.Idempotency;
import dev.tokenbus.router.lifecycle.IdempotencyEntry;
import dev.tokenbus.router.lifecycle.IdempotencyKey;
import dev.tokenbus.router.lifecycle.LogPosition;
import dev.tokenbus.router.lifecycle.Predecessor;
import dev.tokenbus.router.lifecycle.Request;
import dev.tokenbus.router.lifecycle.RequestForm;
import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.Run;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.lifecycle.Trigger;
import dev.tokenbus.router.routing.Route;
import dev.tokenbus.router.state.StoredDispatched;
import dev.tokenbus.router.state.StoredEntry;
import dev.tokenbus.router.state.StoredKeyOwner;
import dev.tokenbus.router.state.StoredRequest;
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
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StateCodecTest {
  private static final StateSerde SERDE = new StateSerde(fingerprint -> null);
  private static final Instant NOW = Samples.START;
  private static final RequestId ID = Samples.id(3, NOW);
  private static final Attempt ATTEMPT = new Attempt(2, "east", Samples.MODEL, "big");
  private static final Run RUN = new Run(-77, "worker-1", 1_700_000_000_000L);
  private static final Predecessor PREDECESSOR =
      new Predecessor(new Attempt(1, "east", Samples.MODEL, "big"), new Run(5, "worker-2", 7));
  private static final Failure FAILURE =
      new Failure("provider_error", "It broke", "messages", "east", 502, 1_500L);

  static List<RequestState> states() {
    Request request =
        new Request(
            outcome(),
            NOW.plusSeconds(60),
            new LogPosition(3, 1L << 40, 512),
            new RequestForm(true, false, Map.of("alt", "sse"), "00-ab-cd-01", 77L, 12),
            1,
            2,
            List.of("east/big"),
            new Route("east", "big"),
            new Idempotency("once \u20ac", "00ff17"));
    Request plain =
        new Request(
            outcome(),
            NOW.plusSeconds(60),
            new LogPosition(0, 0, 512),
            new RequestForm(false, false, Map.of(), null, null, 0),
            0,
            0,
            List.of(),
            null,
            null);
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
        new RequestState.Accepted(request, NOW, NOW.plusMillis(50)),
        new RequestState.Admitted(request, NOW, new Route("east", "big"), FAILURE, PREDECESSOR),
        new RequestState.Admitted(plain, NOW, null, null, null),
        new RequestState.Dispatched(request, ATTEMPT, NOW, Trigger.TIME, PREDECESSOR),
        new RequestState.Dispatched(request, ATTEMPT, NOW, Trigger.TIME, null),
        new RequestState.Streaming(
            request, ATTEMPT, RUN, List.of(5L, -6L), PREDECESSOR, NOW.plusSeconds(3)),
        new RequestState.Streaming(request, ATTEMPT, RUN, List.of(), null, Instant.EPOCH),
        new RequestState.Stopping(request, ATTEMPT, RUN, NOW.plusSeconds(1), FAILURE),
        new RequestState.Closing(request, new Trigger(2, -77), NOW, last, NOW.plusSeconds(1)),
        new RequestState.Ended(request, new Trigger(2, -77), NOW, last, NOW.plusSeconds(120)),
        new RequestState.Ended(request, Trigger.ACCEPTANCE, NOW, null, NOW.plusSeconds(120)));
  }

  @ParameterizedTest
  @MethodSource("states")
  void readsWhatItHasWritten(RequestState state) throws Exception {
    try (RegistryFixture fixture = RegistryFixture.start();
        SchemaRegistry registry = fixture.client()) {
      StateCodec codec = codec(registry);

      byte[] bytes = StateSerde.bytes(codec.stored(state));

      assertThat(codec.state(SERDE.entry(bytes))).isEqualTo(state);
      assertThat(bytes.length).isLessThan(1_000);
    }
  }

  static StateCodec codec(SchemaRegistry registry) {
    TopicSchemas schemas =
        new TopicSchemas(registry).resolve(List.of(Topics.OUTCOMES, Topics.REPLIES));
    return new StateCodec(schemas.serde(RequestFinished.class), schemas.serde(Reply.class));
  }

  static Stream<IdempotencyEntry> owners() {
    return Stream.of(
        new IdempotencyEntry(ID, 1L << 40, "00ff17", null),
        new IdempotencyEntry(ID, 0, "", NOW.plusSeconds(86_400)));
  }

  @ParameterizedTest
  @MethodSource("owners")
  void readsTheOwnersOfKeysThatItHasWritten(IdempotencyEntry owner) throws Exception {
    byte[] bytes = StateSerde.bytes(IdempotencyCodec.stored(owner));

    assertThat(IdempotencyCodec.owner(SERDE.owner(bytes))).isEqualTo(owner);
  }

  static Stream<IdempotencyKey> keys() {
    return Stream.of(
        new IdempotencyKey("acme", "1"),
        new IdempotencyKey("acm", "e1"),
        new IdempotencyKey("", "acme1"),
        new IdempotencyKey("\u00fcber", "\u20ac"));
  }

  @Test
  void keepsTheKeysOfTenantsApart() {
    List<Bytes> written = keys().map(key -> new StateKey.OfIdempotency(key).encoded()).toList();

    assertThat(written).doesNotHaveDuplicates();
    assertThat(written.stream().map(StateKey::idempotencyOf))
        .containsExactlyElementsOf(keys().toList());
  }

  @Test
  void tellsWhenAKeyExpiresFromTheKeyItself() {
    for (IdempotencyKey key : keys().toList()) {
      Bytes due = new StateKey.OfIdempotencyDue(NOW, key).encoded();

      assertThat(StateKey.dueIdempotencyOf(due)).isEqualTo(key);
      assertThat(due)
          .isBetween(
              StateKey.firstDue(StateKey.IDEMPOTENCY_DUE, NOW),
              StateKey.firstDue(StateKey.IDEMPOTENCY_DUE, NOW.plusMillis(1)))
          .isLessThan(StateKey.behind(StateKey.IDEMPOTENCY_DUE))
          .isLessThan(StateKey.first(StateKey.IDEMPOTENCY));
    }
  }

  @Test
  void readsWhatTheFirstVersionHasWritten() throws Exception {
    Schema first = StateSchemas.load(StateSchemas.REQUESTS, 1);
    Schema request = named(first, "StoredRequest");
    GenericRecord dispatched = new GenericData.Record(named(first, "StoredDispatched"));
    GenericRecord attempt = new GenericData.Record(named(first, "StoredAttempt"));
    attempt.put("number", 2);
    attempt.put("provider", "east");
    attempt.put("model", Samples.MODEL);
    attempt.put("upstreamModel", "big");
    attempt.put("resumes", true);
    GenericRecord trigger = new GenericData.Record(named(first, "StoredCause"));
    trigger.put("attempt", -1);
    trigger.put("claim", 0L);
    dispatched.put("attempt", attempt);
    dispatched.put("at", NOW.toEpochMilli());
    dispatched.put("cause", trigger);
    GenericRecord stored = new GenericData.Record(request);
    stored.put("deadline", NOW.toEpochMilli());
    stored.put("partition", 3);
    stored.put("offset", 4L);
    stored.put("failures", 0);
    stored.put("losses", 0);
    stored.put("tried", List.of("east/big"));
    stored.put("outcome", ByteBuffer.wrap(new byte[] {1}));
    stored.put("state", dispatched);
    GenericRecord entry = new GenericData.Record(first);
    entry.put("entry", stored);
    ByteBuffer encoded =
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), first).encode(entry);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);

    StoredEntry read = SERDE.entry(bytes);

    StoredRequest old = (StoredRequest) read.getEntry();
    StoredDispatched state = (StoredDispatched) old.getState();
    assertThat(state.getAttempt().getUpstreamModel()).isEqualTo("big");
    assertThat(state.getAt()).isEqualTo(NOW);
    assertThat(old.getOffset()).isEqualTo(4);
    assertThat(old.getIdempotencyKey()).isNull();
  }

  @Test
  void takesNoStateOfANewerVersionForOneThatItKnows() {
    StateSerde serde = new StateSerde(fingerprint -> NewerState.REQUESTS);

    assertThatThrownBy(() -> serde.entry(NewerState.reserved(new byte[] {1}, NOW)))
        .isInstanceOf(UnreadableStateException.class);
  }

  /** The record of this name in the schema, wherever it is used. */
  private static Schema named(Schema schema, String name) {
    Deque<Schema> open = new ArrayDeque<>(List.of(schema));
    Set<Schema> seen = new HashSet<>();
    for (Schema next = open.poll(); next != null; next = open.poll()) {
      if (seen.add(next)) {
        switch (next.getType()) {
          case RECORD -> {
            if (next.getName().equals(name)) {
              return next;
            }
            next.getFields().forEach(field -> open.add(field.schema()));
          }
          case UNION -> open.addAll(next.getTypes());
          case ARRAY, MAP, ENUM, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> {}
        }
      }
    }
    throw new AssertionError("No record " + name);
  }

  @Test
  void keepsACopyOfEverySchemaThatHasBeenWrittenWith() {
    assertThat(StateSchemas.load(StateSchemas.REQUESTS, StateSchemas.LATEST_REQUEST))
        .as("src/main/avro/state.avdl has changed: add its schema as the next version")
        .isEqualTo(StoredEntry.getClassSchema());
    assertThat(StateSchemas.load(StateSchemas.KEYS, StateSchemas.LATEST_KEY))
        .as("src/main/avro/keys.avdl has changed: add its schema as the next version")
        .isEqualTo(StoredKeyOwner.getClassSchema());
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
