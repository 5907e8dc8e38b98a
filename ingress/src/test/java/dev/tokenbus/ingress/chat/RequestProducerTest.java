package dev.tokenbus.ingress.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class RequestProducerTest {
  private static final long LARGE = 9_900_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MockProducer<String, SpecificRecord> log =
      new MockProducer<>(false, null, new StringSerializer(), (topic, value) -> new byte[0]);
  private final RequestProducer requests = new RequestProducer(log, Clock.systemUTC());

  @Test
  void letsLargeBodiesOfTheFirstReleaseWaitForEachOtherAndSmallOnesPass() throws Exception {
    append(LARGE, PATIENCE);
    append(LARGE, PATIENCE);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<PendingAppend> third = threads.submit(() -> append(LARGE, PATIENCE));
      await()
          .during(Duration.ofMillis(200))
          .atMost(Duration.ofSeconds(5))
          .until(() -> log.history().size() == 2);

      append(1_000, Duration.ZERO);
      assertThat(log.history()).hasSize(3);

      assertThat(log.completeNext()).isTrue();
      assertThat(third.get(10, TimeUnit.SECONDS).isPending()).isTrue();
      assertThat(log.history()).hasSize(4);
    }
  }

  @Test
  void refusesALargeBodyThatWaitsTooLongAndGivesTheRoomOfAFailedOneBack() throws Exception {
    append(LARGE, PATIENCE);
    append(LARGE, PATIENCE);

    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> append(LARGE, Duration.ZERO));

    assertThat(refused.problem().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    log.errorNext(new IllegalStateException("lost"));
    assertThat(append(LARGE, Duration.ZERO).isPending()).isTrue();
  }

  private PendingAppend append(long bodyBytes, Duration patience) throws InterruptedException {
    return requests.append(
        RequestAccepted.newBuilder()
            .setRequestId("r")
            .setTenant("acme")
            .setKeyId("web")
            .setProtocol(Protocol.OPENAI_CHAT)
            .setAcceptedAt(Instant.EPOCH)
            .setDeadline(Instant.EPOCH)
            .setBody(
                ChatRequest.newBuilder()
                    .setModel("m")
                    .setMessages(List.of())
                    .setSampling(Sampling.newBuilder().build())
                    .setStream(false)
                    .build())
            .setFeatures(RequestFeatures.newBuilder().setBodyBytes(bodyBytes).build())
            .build(),
        patience,
        refused -> {});
  }
}
