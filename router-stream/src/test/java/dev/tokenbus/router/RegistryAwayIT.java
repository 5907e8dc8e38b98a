package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.WorkerState;
import dev.tokenbus.schemas.topics.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router that meets schemas which it has to ask the registry for. */
class RegistryAwayIT {
  private static final String WORK_EAST = Topics.work("east", Priority.INTERACTIVE).name();
  private static final int NOBODYS = 999;

  private final SplittableRandom random = new SplittableRandom(31);
  @TempDir private Path state;
  private Backbone backbone;
  private RouterApp router;
  private KafkaProducer<String, byte[]> newer;

  @BeforeEach
  void start() throws Exception {
    backbone = Backbone.start(state);
    newer =
        new KafkaProducer<>(
            backbone.context.kafka().producer("newer", Duration.ZERO, Duration.ofSeconds(20)),
            new StringSerializer(),
            new ByteArraySerializer());
    router = RouterApp.start(backbone.context, RouterSettings.DEFAULT);
    await().atMost(Duration.ofSeconds(60)).until(router::ready);
  }

  @AfterEach
  void stop() {
    router.close();
    newer.close();
    backbone.close();
  }

  @Test
  void waitsForCommandsAndSkipsNone() throws Exception {
    RequestId id = RequestId.of(Instant.now(), 1, random);
    backbone.accept(Samples.request(id, Samples.MODEL, Duration.ofMinutes(5)));
    backbone.read(WORK_EAST, AttemptDispatched.class).until(all -> !all.isEmpty());
    int schema = backbone.registry.register(withANote(Control.getClassSchema()));
    backbone.registry.goAway();

    send(Topics.CONTROL.name(), id.toString(), schema, cancel(id));
    await().atMost(Duration.ofSeconds(10)).until(() -> !router.ready());

    backbone.registry.comeBack();
    List<RequestFinished> outcomes =
        backbone.read(Topics.OUTCOMES.name(), RequestFinished.class).until(all -> !all.isEmpty());
    assertThat(outcomes.getFirst().getStatus()).isEqualTo(RequestStatus.CANCELLED);
    await().until(router::ready);
  }

  @Test
  void waitsForHeartbeats() throws Exception {
    IndexedRecord heartbeat = Samples.heartbeat("w", 1, Instant.now(), WorkerState.RUNNING, 10, 10);
    int schema = backbone.registry.register(withANote(heartbeat.getSchema()));
    backbone.registry.goAway();

    send(Topics.WORKERS.name(), "w", schema, heartbeat);
    await().atMost(Duration.ofSeconds(10)).until(() -> !router.ready());

    backbone.registry.comeBack();
    await().until(router::ready);
  }

  @Test
  void waitsWithRequestsAndLosesNone() throws Exception {
    RequestId id = RequestId.of(Instant.now(), 1, random);
    RequestAccepted request = Samples.request(id, Samples.MODEL, Duration.ofMinutes(5));
    int schema = backbone.registry.register(withANote(RequestAccepted.getClassSchema()));
    backbone.registry.goAway();

    send(Topics.REQUESTS.name(), request.getTenant(), schema, request);
    await().atMost(Duration.ofSeconds(20)).until(() -> !router.ready());

    backbone.registry.comeBack();
    assertThat(backbone.work(WORK_EAST, id).getAttempt()).isEqualTo(1);
  }

  @Test
  void goesOnBehindARequestWhoseSchemaNobodyHasRegistered() throws Exception {
    RequestId id = RequestId.of(Instant.now(), 1, random);
    RequestAccepted request = Samples.request(id, Samples.MODEL, Duration.ofMinutes(5));

    send(Topics.REQUESTS.name(), request.getTenant(), NOBODYS, request);
    backbone.accept(request);

    assertThat(backbone.work(WORK_EAST, id).getAttempt()).isEqualTo(1);
  }

  /** Another schema, whose records have the same bytes: it differs in a property. */
  private static Schema withANote(Schema schema) {
    Schema other = new Schema.Parser().parse(schema.toString());
    other.addProp("note", "of a newer version");
    return other;
  }

  private static Control cancel(RequestId id) {
    return Control.newBuilder()
        .setRequestId(id.toString())
        .setTenant(Samples.TENANT)
        .setAt(Instant.now())
        .setCommand(
            Cancel.newBuilder()
                .setReason(CancelReason.CLIENT_GONE)
                .setUpToAttempt(Integer.MAX_VALUE)
                .build())
        .build();
  }

  private void send(String topic, String key, int schema, IndexedRecord value) throws Exception {
    newer.send(new ProducerRecord<>(topic, key, written(schema, value))).get();
  }

  private static byte[] written(int schema, IndexedRecord value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(schema).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<IndexedRecord>(
            value.getSchema(), SpecificData.getForClass(value.getClass()))
        .write(value, encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
