package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Large bodies wait for each other and none is refused; small ones are served meanwhile. How long
 * the small ones take says something only on a quiet machine, so it is logged and not asserted.
 */
@ExtendWith(SharedServers.class)
@Timeout(180)
class LargeBodiesIT {
  private static final Logger LOG = LoggerFactory.getLogger(LargeBodiesIT.class);
  private static final int LARGE = 64;
  private static final int AT_ONCE = 16;
  private static final long SMALL_EVERY_MS = 20;

  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  LargeBodiesIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void refusesNoneAndLetsSmallOnesThrough() throws Exception {
    String large = large();
    try (Backbone backbone = Backbone.start(broker.bootstrapServers(), registry.url());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.admittedAsAsked(request);
            answer.records().opened(1, "m").text("ok").stop().completed(1, 1);
            answer.send();
          });
      // The first requests load classes.
      for (int i = 0; i < 200; i++) {
        backbone.client().post(Client.chat(false));
      }
      Semaphore room = new Semaphore(AT_ONCE);
      List<Future<Integer>> statuses = new ArrayList<>();
      Future<List<Long>> small = threads.submit(() -> small(backbone, room));
      long begun = System.nanoTime();
      for (int i = 0; i < LARGE; i++) {
        room.acquire();
        statuses.add(
            threads.submit(() -> {
              try {
                return backbone.client().post(large).statusCode();
              } finally {
                room.release();
              }
            }));
      }
      for (Future<Integer> status : statuses) {
        assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(200);
      }
      long tookMs = (System.nanoTime() - begun) / 1_000_000;
      room.release(AT_ONCE * 10);
      List<Long> millis = small.get(60, TimeUnit.SECONDS);
      Collections.sort(millis);
      long p99 = millis.get(millis.size() * 99 / 100);
      LOG.atWarn()
          .addKeyValue("large_ms", tookMs)
          .addKeyValue("small", millis.size())
          .addKeyValue("p50_ms", millis.get(millis.size() / 2))
          .addKeyValue("p99_ms", p99)
          .addKeyValue("max_ms", millis.getLast())
          .log("small requests beside large ones");

      assertThat(millis).hasSizeGreaterThan(20);
    }
  }

  @Test
  void cutsOffThoseThatAnnounceLargeBodiesAndSendNothing() throws Exception {
    int moreThanFit = (int) (Runtime.getRuntime().maxMemory() / 8 / 10_000_000) + 2;
    List<Socket> stalled = new ArrayList<>();
    try (Backbone backbone = Backbone.start(broker.bootstrapServers(), registry.url())) {
      backbone
          .router()
          .follow((request, answer) -> {
            answer.admittedAsAsked(request);
            answer.records().opened(1, "m").text("ok").stop().completed(1, 1);
            answer.send();
          });
      for (int i = 0; i < moreThanFit; i++) {
        stalled.add(
            backbone.client().raw(backbone.client().head() + "Content-Length: 9900000\r\n\r\n{"));
      }

      assertThat(backbone.client().post(large()).statusCode()).isEqualTo(200);
      assertThat(Client.statusLine(stalled.getFirst())).startsWith("HTTP/1.1 408");
    } finally {
      for (Socket socket : stalled) {
        socket.close();
      }
    }
  }

  private static String large() {
    return "{\"model\":\"gpt-test\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":"
        + "{\"url\":\"data:image/png;base64,"
        + "QUJD".repeat(2_474_950)
        + "\"}}]}]}";
  }

  /** Fifty a second, until the large ones are through. */
  private static List<Long> small(Backbone backbone, Semaphore room) throws Exception {
    List<Future<Long>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      while (room.availablePermits() <= AT_ONCE) {
        running.add(
            threads.submit(() -> {
              long begun = System.nanoTime();
              assertThat(backbone.client().post(Client.chat(false)).statusCode()).isEqualTo(200);
              return (System.nanoTime() - begun) / 1_000_000;
            }));
        Thread.sleep(SMALL_EVERY_MS);
      }
    }
    List<Long> millis = new ArrayList<>();
    for (Future<Long> one : running) {
      millis.add(one.get());
    }
    return millis;
  }
}
