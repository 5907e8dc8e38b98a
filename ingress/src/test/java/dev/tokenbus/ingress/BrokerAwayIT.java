package dev.tokenbus.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.BrokerSettings;
import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerAwayIT {
  @Test
  void answers503AtOnceAndRecoversByItself(@TempDir Path directory) throws Exception {
    try (InMemoryRegistry registry = InMemoryRegistry.start()) {
      EmbeddedBroker broker = EmbeddedBroker.start(BrokerSettings.in(directory));
      BrokerSettings again = BrokerSettings.in(directory).withPorts(broker.port(), 0);
      try (Backbone backbone = Backbone.start(broker.bootstrapServers(), registry.url())) {
        backbone
            .router()
            .follow((request, answer) -> {
              answer.records().admitted(false, false).opened(1, "m").text("ok").stop();
              answer.records().completed(1, 1);
              answer.send();
            });
        assertThat(backbone.client().post(Client.chat(false)).statusCode()).isEqualTo(200);

        broker.close();
        refusesWithinTwoSeconds(backbone);
        await()
            .atMost(Duration.ofSeconds(5))
            .until(() -> backbone.client().get("/health/ready").statusCode() == 503);
        refusesWithinTwoSeconds(backbone);
        assertThat(backbone.client().get("/health/live").statusCode()).isEqualTo(200);
        assertThat(backbone.client().get("/v1/models").statusCode()).isEqualTo(200);

        broker = EmbeddedBroker.start(again);
        await().atMost(Duration.ofSeconds(20)).until(backbone.ingress()::ready);
        await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> backbone.client().post(Client.chat(false)).statusCode() == 200);
      } finally {
        broker.close();
      }
    }
  }

  private static void refusesWithinTwoSeconds(Backbone backbone) throws Exception {
    for (boolean stream : new boolean[] {true, false}) {
      long begun = System.nanoTime();
      HttpResponse<String> response = backbone.client().post(Client.chat(stream));

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(2));
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.headers().firstValue("Retry-After")).hasValue("2");
      assertThat(response.body()).contains("\"code\":\"unavailable\"");
    }
  }
}
