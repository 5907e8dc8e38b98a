package dev.tokenbus.projections.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.projections.usage.UsageProjection;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DecodingDeserializerTest {
  private InMemoryRegistry server;
  private SchemaRegistry registry;
  private Serializer<UsageRecorded> serializer;
  private DecodingDeserializer<UsageRecorded> deserializer;

  @BeforeEach
  void startRegistry() {
    server = InMemoryRegistry.start();
    registry = new SchemaRegistry(URI.create(server.url()));
    TopicSchemas schemas = new TopicSchemas(registry).resolve(List.of(Topics.USAGE));
    serializer = schemas.serializer();
    deserializer = new DecodingDeserializer<>(UsageProjection.projection(schemas));
  }

  @AfterEach
  void stopRegistry() {
    registry.close();
    server.close();
  }

  @Test
  void readsWhatIsWellFormed() {
    RequestId id = Samples.id(Instant.now());

    assertThat(decoded(bytesOf(Samples.usage(id, "acme").build())))
        .isEqualTo(new DecodeResult.Decoded<>(id, Samples.usage(id, "acme").build()));
  }

  @Test
  void neverThrowsWhateverTheBytesAre() {
    byte[] good = bytesOf(Samples.usage(Samples.id(Instant.now()), "acme").build());
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int flips = random.nextInt(8); flips > 0 && bytes.length > 5; flips--) {
        bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
      }
      assertThat(decoded(bytes)).isInstanceOf(DecodeResult.class);
    }
    assertThat(decoded("not avro".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DecodeResult.Undecodable.class);
  }

  @Test
  void refusesIdsThatTellNoTime() {
    UsageRecorded usage =
        Samples.usage(Samples.id(Instant.now()), "acme")
            .setId("f47ac10b-58cc-4372-a567-0e02b2c3d479")
            .build();

    assertThat(decoded(bytesOf(usage))).isInstanceOf(DecodeResult.Undecodable.class);
  }

  @Test
  void isUndecidedOnlyWhileTheRegistryIsAway() {
    byte[] unknown = ByteBuffer.allocate(40).put((byte) 0).putInt(99).array();

    assertThat(decoded(unknown)).isInstanceOf(DecodeResult.Undecodable.class);
    server.close();
    assertThat(decoded(unknown)).isInstanceOf(DecodeResult.RegistryDown.class);
  }

  private byte[] bytesOf(UsageRecorded usage) {
    return serializer.serialize("usage", usage);
  }

  private DecodeResult<UsageRecorded> decoded(byte[] bytes) {
    return deserializer.deserialize("usage", bytes);
  }
}
