package dev.tokenbus.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.router.lifecycle.Samples;
import dev.tokenbus.router.streams.RestoreLog;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Attached;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router that begins with an empty directory where others have left much on the changelog. */
class RestorationIT {
  private static final int KEYS = 50_000;
  private static final int REQUESTS = 500;
  private static final int PARTITIONS = 4;

  @Test
  void knowsEveryIdempotencyKeyThatTheChangelogHolds(@TempDir Path state) throws Exception {
    RestoreLog restores = new RestoreLog();
    try (Backbone backbone = Backbone.start(state)) {
      List<RequestId> owners = RestoreTime.fill(backbone, KEYS, REQUESTS);
      try (RouterApp router = RouterApp.start(backbone.context, RouterSettings.DEFAULT, restores)) {
        await().atMost(Duration.ofMinutes(2)).until(router::ready);

        assertThat(restores.restored()).isEqualTo(KEYS + REQUESTS);
        int number = lastKeyInItsTenantsPartition();
        RequestId repeat = RequestId.of(Instant.now(), 3, new SplittableRandom(61));
        backbone.accept(
            RequestAccepted.newBuilder(
                    Samples.request(repeat, Samples.MODEL, Duration.ofMinutes(5)))
                .setTenant(tenant(number))
                .setIdempotencyKey(owners.get(number).toString())
                .setBodyHash(ByteBuffer.wrap(new byte[32]))
                .build());

        assertThat(answered(backbone, repeat)).isEqualTo(owners.get(number).toString());
      }
    }
  }

  /** As the default partitioner places the tenant's requests. */
  private static int lastKeyInItsTenantsPartition() {
    return IntStream.iterate(KEYS - 1, number -> number - 1)
        .filter(number -> {
          byte[] key = tenant(number).getBytes(StandardCharsets.UTF_8);
          return Utils.toPositive(Utils.murmur2(key)) % PARTITIONS == number % PARTITIONS;
        })
        .findFirst()
        .orElseThrow();
  }

  private static String tenant(int number) {
    return "tenant-" + number % 50;
  }

  private static String answered(Backbone backbone, RequestId repeat) {
    return backbone
        .read(Topics.REPLIES.name(), Reply.class)
        .until(all -> all.stream().anyMatch(r -> r.getRequestId().equals(repeat.toString())))
        .stream()
        .filter(reply -> reply.getRequestId().equals(repeat.toString()))
        .map(reply -> ((Attached) reply.getEvent()).getRequestId())
        .findFirst()
        .orElseThrow();
  }
}
