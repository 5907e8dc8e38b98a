package dev.tokenbus.router.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.streams.SmallRocksDb;
import dev.tokenbus.router.streams.UnprocessableRecordHandler;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.BilledAttempt;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.RequestFinished;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.avro.UsageRecorded;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class MeteringTopologyTest {
  private static final Duration RETENTION = Duration.ofDays(2);

  private RegistryFixture fixture;
  private SchemaRegistry registry;
  private TopicSchemas schemas;
  private TopologyTestDriver driver;
  private TestInputTopic<String, RequestFinished> outcomes;

  @BeforeEach
  void start(@TempDir Path state) throws IOException {
    fixture = RegistryFixture.start();
    registry = fixture.client();
    schemas = new TopicSchemas(registry).resolve(Topics.all());
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallRocksDb.class);
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnprocessableRecordHandler.class);
    properties.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "metering.dlq");
    driver =
        new TopologyTestDriver(
            MeteringTopology.build(schemas, RETENTION), properties, Samples.START);
    outcomes =
        driver.createInputTopic(
            Topics.OUTCOMES.name(), new StringSerializer(), schemas.serializer());
  }

  @AfterEach
  void stop() {
    driver.close();
    registry.close();
    fixture.close();
  }

  @Test
  void writesTheOutcomeAsUsageUnderTheRequestsId() {
    RequestFinished outcome = outcome(Samples.id(1, Samples.START), RequestStatus.COMPLETED);

    meter(outcome, Samples.START);

    UsageRecorded usage = usage().getFirst();
    assertThat(usage.getId()).isEqualTo(outcome.getRequestId());
    assertThat(usage.getBilled()).isEqualTo(outcome.getBilled());
    assertThat(usage.getTeam()).isEqualTo("team");
    assertThat(usage.getAcceptedAt()).isEqualTo(outcome.getAcceptedAt());
    assertThat(usage.getStatus()).isEqualTo(RequestStatus.COMPLETED);
  }

  @Test
  void countsARequestOnceHoweverOftenAndHoweverItsOutcomeComes() {
    RequestId id = Samples.id(1, Samples.START);

    meter(outcome(id, RequestStatus.COMPLETED), Samples.START);
    meter(outcome(id, RequestStatus.COMPLETED), Samples.START.plusSeconds(1));
    meter(outcome(id, RequestStatus.FAILED), Samples.START.plus(Duration.ofDays(1)));

    assertThat(usage())
        .extracting(UsageRecorded::getStatus)
        .containsExactly(RequestStatus.COMPLETED);
  }

  @Test
  void tellsRequestsOfTheSameMillisecondApart() {
    meter(outcome(Samples.id(1, Samples.START), RequestStatus.COMPLETED), Samples.START);
    meter(outcome(Samples.id(2, Samples.START), RequestStatus.COMPLETED), Samples.START);

    assertThat(usage()).hasSize(2);
  }

  @Test
  void putsAsideWhatIsTooOldToBeToldFromARepeat() {
    Instant later = Samples.START.plus(RETENTION);
    meter(outcome(Samples.id(1, later), RequestStatus.COMPLETED), later);
    usage();

    meter(outcome(Samples.id(2, Samples.START), RequestStatus.COMPLETED), later);

    assertThat(usage()).isEmpty();
    assertThat(
            driver
                .createOutputTopic(
                    "metering.dlq", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList())
        .hasSize(1);
  }

  private void meter(RequestFinished outcome, Instant at) {
    outcomes.pipeInput(outcome.getTenant(), outcome, at);
  }

  private List<UsageRecorded> usage() {
    return driver
        .createOutputTopic(
            Topics.USAGE.name(),
            new StringDeserializer(),
            schemas.deserializer(UsageRecorded.class))
        .readValuesToList();
  }

  public static RequestFinished outcome(RequestId id, RequestStatus status) {
    return RequestFinished.newBuilder()
        .setRequestId(id.toString())
        .setTenant(Samples.TENANT)
        .setTeam("team")
        .setKeyId("key")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setModelAsked(Samples.MODEL)
        .setPriority(Priority.INTERACTIVE)
        .setStatus(status)
        .setAcceptedAt(id.acceptedAt())
        .setFinishedAt(id.acceptedAt().plusSeconds(1))
        .setAttempts(1)
        .setBilled(
            BilledAttempt.newBuilder()
                .setAttempt(1)
                .setProvider("east")
                .setModel(Samples.MODEL)
                .setUpstreamModel("big")
                .setUsage(Samples.usage(1, 2))
                .setDurationMs(3)
                .build())
        .build();
  }
}
