package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.verify.findings.Findings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every app is told to stop and replaced, one after the other, while clients go on asking. */
class RollingRestartIT {
  private static final Logger LOG = LoggerFactory.getLogger(RollingRestartIT.class);

  /** Streams of 2 s; an app has 20 s and more to drain. */
  private static final int TOKENS = 40;

  private static final int CLIENTS_OF_A_KIND = 10;

  private final int[] ports = {TestPorts.free(), TestPorts.free()};

  @Test
  void breaksNoStream() throws Exception {
    try (StreamingForm streams = new StreamingForm(TOKENS)) {
      streams.startInfra();
      List<App> apps = new ArrayList<>();
      for (String role : List.of("ingress", "router", "worker", "projections")) {
        for (int number = 0; number < 2; number++) {
          apps.add(new App(streams.form(), role, number));
        }
      }
      for (App app : apps) {
        app.process.awaitReady();
      }
      List<SteadyLoad.Ended> ended;
      try (SteadyLoad load =
          SteadyLoad.start(
              streams, List.of(url(0), url(1)), CLIENTS_OF_A_KIND, CLIENTS_OF_A_KIND)) {
        awaitARound(load);
        for (App app : apps) {
          app.replace();
          assertThat(load.broken()).as("broken once %s was replaced", app.name).isEmpty();
        }
        awaitARound(load);
        ended = load.finish();
        assertThat(load.broken()).isEmpty();
        assertThat(load.turnedAway()).as("plain clients met an ingress that drained").isPositive();
      }

      assertThat(ended)
          .allSatisfy(stream -> assertThat(stream.text()).isEqualTo(streams.text(stream.prompt())));
      streams.assertBilledOnce(ended.stream().map(SteadyLoad.Ended::requestId).toList());
      Findings findings = streams.assertBooksAgree();
      assertThat(findings.topics().completed()).isEqualTo(ended.size());
      assertThat(findings.topics().accepted()).as("none was asked twice").isEqualTo(ended.size());
      assertThat(streams.bills()).hasSize(ended.size());
    }
  }

  /** As many streams have come to their ends since as are under way. */
  private static void awaitARound(SteadyLoad load) {
    int enough = load.ended() + 2 * CLIENTS_OF_A_KIND;
    await().atMost(StreamingForm.PATIENCE).until(() -> load.ended() >= enough);
  }

  private URI url(int number) {
    return URI.create("http://127.0.0.1:" + ports[number]);
  }

  /** One of two instances of an app. */
  private final class App {
    private final SeparatedForm form;
    private final String role;
    private final int number;
    private final String name;
    private TokenbusProcess process;

    App(SeparatedForm form, String role, int number) {
      this.form = form;
      this.role = role;
      this.number = number;
      name = role + "-" + number;
      process = start(name);
    }

    private TokenbusProcess start(String output) {
      return role.equals("ingress")
          ? form.ingress(output, ports[number])
          : form.start(output, role);
    }

    void replace() throws InterruptedException {
      long begun = System.nanoTime();
      assertThat(process.stop()).as(name).isEqualTo(TokenbusProcess.SIGTERM_EXIT);
      assertThat(process.output()).contains("stopping").doesNotContain("did not stop");
      long stopped = System.nanoTime();
      process = start(name + "-again").awaitReady();
      LOG.atInfo()
          .addKeyValue("app", name)
          .addKeyValue("stop_ms", (stopped - begun) / 1_000_000)
          .addKeyValue("start_ms", (System.nanoTime() - stopped) / 1_000_000)
          .log("replaced");
    }
  }
}
