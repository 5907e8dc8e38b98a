package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryAwayIT {
  private static final Duration LONGER_THAN_A_LOCK = Duration.ofSeconds(17);

  @Test
  void keepsADispatchAndItsDeliveriesUntilTheRegistryIsBack(@TempDir Path directory) {
    try (MockProvider mock = MockProvider.start();
        Backbone backbone = new Backbone(directory, Map.of())) {
      backbone.serve(Samples.openai("mock", mock.baseUrl(), 100));
      try (WorkerApp worker = backbone.worker("w1")) {
        RequestId first = Samples.newRequest();
        backbone.dispatch(dispatched(first));
        backbone.finished(first, 1);
        RequestId request = Samples.newRequest();
        backbone.registry().away(true);

        backbone.sendRaw(work(), ofANewerWriter(backbone, request));

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !worker.ready());
        Awaitility.await()
            .during(LONGER_THAN_A_LOCK)
            .atMost(LONGER_THAN_A_LOCK.plusSeconds(5))
            .until(() -> backbone.end(request, 1).isEmpty());
        backbone.registry().away(false);

        assertThat(backbone.finished(request, 1).getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
        assertThat(started(backbone, request).getDeliveryCount()).isOne();
        Awaitility.await().until(worker::ready);
      }
    }
  }

  private static AttemptStarted started(Backbone backbone, RequestId request) {
    return backbone.attempts.values().stream()
        .filter(event -> event.getRequestId().equals(request.toString()))
        .map(AttemptEvent::getEvent)
        .filter(AttemptStarted.class::isInstance)
        .map(AttemptStarted.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /** A dispatch under a schema id that this worker has not met. */
  private static byte[] ofANewerWriter(Backbone backbone, RequestId request) {
    int id =
        backbone
            .registry()
            .add(
                AttemptDispatched.getClassSchema()
                    .toString()
                    .replaceFirst("\\{", "{\"newer\":true,"));
    try (Serializer<SpecificRecord> serializer = backbone.context().schemas().serializer()) {
      byte[] bytes = serializer.serialize(work(), dispatched(request));
      ByteBuffer.wrap(bytes).putInt(1, id);
      return bytes;
    }
  }

  private static AttemptDispatched dispatched(RequestId request) {
    return Samples.dispatched(
        request, 1, "mock", "mock/4x0", Samples.ask(request.toString(), true));
  }

  private static String work() {
    return Topics.work("mock", Priority.INTERACTIVE).name();
  }
}
