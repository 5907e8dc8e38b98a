package dev.tokenbus.router.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenbus.router.RegistryFixture;
import dev.tokenbus.schemas.serde.SchemaRegistry;
import dev.tokenbus.schemas.serde.SchemaRegistryException;
import java.io.IOException;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler.Response;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler.Result;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnreadableRecordHandlerTest {
  private static final int NOBODYS = 999;

  private final ConsumerRecord<byte[], byte[]> record =
      new ConsumerRecord<>("attempts", 0, 17, new byte[] {1}, new byte[] {0, 0, 0, 3, -25});
  private final UnreadableRecordHandler handler = new UnreadableRecordHandler();
  private RegistryFixture fixture;
  private SchemaRegistry registry;

  @BeforeEach
  void start() throws IOException {
    fixture = RegistryFixture.start();
    registry = fixture.client();
    handler.configure(Map.of(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "the.dlq"));
  }

  @AfterEach
  void stop() {
    registry.close();
    fixture.close();
  }

  @Test
  void putsARecordAsideWhoseSchemaNobodyHasRegistered() {
    Response response =
        handler.handleError(
            context(), record, new SerializationException("schema id 999", registrysAnswer()));

    assertThat(response.result()).isEqualTo(Result.RESUME);
    assertThat(response.deadLetterQueueRecords())
        .singleElement()
        .satisfies(letter -> assertThat(letter.topic()).isEqualTo("the.dlq"));
  }

  @Test
  void waitsWhileTheRegistryIsAway() {
    fixture.goAway();

    Response response = handler.handleError(context(), record, registrysAnswer());

    assertThat(response.result()).isEqualTo(Result.FAIL);
    assertThat(response.deadLetterQueueRecords()).isEmpty();
  }

  @Test
  void waitsAsLongAsTheDecoderHopesForAnIdThatTheRegistryDoesNotKnowYet() {
    SchemaRegistryException notYet = registrysAnswer();
    assertThat(notYet.unknown()).isTrue();

    assertThat(handler.handleError(context(), record, notYet).result()).isEqualTo(Result.FAIL);
  }

  private SchemaRegistryException registrysAnswer() {
    return catchThrowableOfType(SchemaRegistryException.class, () -> registry.byId(NOBODYS));
  }

  private ErrorHandlerContext context() {
    return new ErrorHandlerContext() {
      @Override
      public String topic() {
        return record.topic();
      }

      @Override
      public int partition() {
        return record.partition();
      }

      @Override
      public long offset() {
        return record.offset();
      }

      @Override
      public Headers headers() {
        return new RecordHeaders();
      }

      @Override
      public String processorNodeId() {
        return "source";
      }

      @Override
      public TaskId taskId() {
        return new TaskId(0, 0);
      }

      @Override
      public long timestamp() {
        return 0;
      }

      @Override
      public byte[] sourceRawValue() {
        return record.value();
      }

      @Override
      public byte[] sourceRawKey() {
        return record.key();
      }
    };
  }
}
