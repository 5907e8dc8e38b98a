package dev.tokenbus.ingress.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.avro.InlineBody;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.RoutingPreferences;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeaderLimitTest {
  private static final String LONG = "x".repeat(HeaderLimit.CHARACTERS);

  @ParameterizedTest
  @MethodSource
  void refusesAHeaderThatTheOutcomeCouldNotHold(RequestAccepted.Builder request) {
    assertThatExceptionOfType(ProblemException.class)
        .isThrownBy(() -> HeaderLimit.require(request.build()))
        .satisfies(
            refused -> assertThat(refused.problem().code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  static Stream<RequestAccepted.Builder> refusesAHeaderThatTheOutcomeCouldNotHold() {
    return Stream.of(
        request().setAgent(LONG),
        request().setMode(LONG),
        request().setModelAsked(LONG),
        request().setPath(LONG),
        request().setOptions(Map.of("encoding_format", LONG)),
        request().setTags(Map.of(LONG, "a")),
        request().setFeatures(RequestFeatures.newBuilder().setReasoningEffort(LONG).build()),
        request().setFeatures(RequestFeatures.newBuilder().setSignals(Map.of("a", LONG)).build()),
        request()
            .setPreferences(
                RoutingPreferences.newBuilder()
                    .setModels(Collections.nCopies(HeaderLimit.CHARACTERS, ""))
                    .build()),
        request().setPreferences(RoutingPreferences.newBuilder().setProvider(LONG).build()));
  }

  @Test
  void countsNothingOfTheBody() {
    ByteBuffer body = ByteBuffer.allocate(2 * HeaderLimit.CHARACTERS);

    assertThatCode(() -> HeaderLimit.require(request().setContent(new InlineBody(body)).build()))
        .doesNotThrowAnyException();
  }

  @Test
  void takesTheLongestThatOpenAisDialectLetsThrough() {
    RequestAccepted longest =
        request()
            .setAgent("x".repeat(128))
            .setModelAsked("x".repeat(256))
            .setIdempotencyKey("x".repeat(255))
            .setSession("x".repeat(128))
            .setFeatures(RequestFeatures.newBuilder().setReasoningEffort("x".repeat(64)).build())
            .setPreferences(
                RoutingPreferences.newBuilder()
                    .setModels(Collections.nCopies(16, "x".repeat(256)))
                    .build())
            .build();

    assertThatCode(() -> HeaderLimit.require(longest)).doesNotThrowAnyException();
  }

  private static RequestAccepted.Builder request() {
    return RequestAccepted.newBuilder()
        .setRequestId("r")
        .setTenant("acme")
        .setKeyId("web")
        .setProtocol(Protocol.OPENAI_CHAT)
        .setAcceptedAt(Instant.EPOCH)
        .setDeadline(Instant.EPOCH)
        .setBody(null)
        .setPreferences(new RoutingPreferences(List.of(), null, null, null));
  }
}
