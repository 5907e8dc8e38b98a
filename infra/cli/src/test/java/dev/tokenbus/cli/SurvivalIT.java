package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** What clients see when processes die under them. Two of what is killed, one of the rest. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SurvivalIT {
  private static final int TOKENS = 120;

  private final StreamingForm streams = new StreamingForm(TOKENS);
  private final SeparatedForm form = streams.form();
  private final int[] ports = {TestPorts.free(), TestPorts.free()};
  private final TokenbusProcess[] ingresses = new TokenbusProcess[2];
  private final TokenbusProcess[] workers = new TokenbusProcess[2];

  @BeforeAll
  void start() throws Exception {
    streams.startInfra();
    List<TokenbusProcess> apps = new ArrayList<>();
    apps.add(form.start("router", "router"));
    apps.add(form.start("projections", "projections"));
    for (int i = 0; i < 2; i++) {
      workers[i] = form.start("worker-" + i, "worker");
      ingresses[i] = form.ingress("ingress-" + i, ports[i]);
      apps.addAll(List.of(workers[i], ingresses[i]));
    }
    for (TokenbusProcess app : apps) {
      app.awaitReady();
    }
  }

  @AfterAll
  void stop() {
    streams.close();
  }

  @Test
  void everyStreamGoesOnWhenItsWorkerIsKilled() throws Exception {
    List<PersistentClient> clients = clients(100);
    List<Future<PersistentClient>> answers = streams.ask(clients, StreamingForm.STEADY, "worker");
    await()
        .atMost(StreamingForm.PATIENCE)
        .until(() -> clients.stream().allMatch(client -> client.events() > 5));

    workers[0].close();
    List<PersistentClient> ended = StreamingForm.results(answers);
    workers[0] = form.start("worker-again", "worker").awaitReady();

    streams.assertRight(ended, "worker");
    Duration longest = longest(ended);
    System.out.println("worker killed: longest gap " + longest);
    // The worker is missed after 1 s, and what was delivered is said again in as long as it took;
    // the rest is for machines that do other things too.
    assertThat(longest).isBetween(Duration.ofMillis(700), Duration.ofSeconds(10));
    assertThat(ended).allMatch(client -> client.resumptions() == 0);
    streams.assertBilledOnce(ids(ended));
  }

  @Test
  void clientsOfADeadIngressGoOnAtTheOther() throws Exception {
    List<PersistentClient> clients = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      clients.add(streams.persistent(List.of(ingress(0), ingress(1))));
    }
    List<Future<PersistentClient>> answers = streams.ask(clients, StreamingForm.SLOW, "ingress");
    await()
        .atMost(StreamingForm.PATIENCE)
        .until(() -> clients.stream().allMatch(client -> client.events() > 5));

    ingresses[0].close();
    List<PersistentClient> ended = StreamingForm.results(answers);
    ingresses[0] = form.ingress("ingress-again", ports[0]).awaitReady();

    streams.assertRight(ended, "ingress");
    System.out.println("ingress killed: longest gap " + longest(ended));
    assertThat(ended)
        .allSatisfy(client -> assertThat(client.ids()).doesNotHaveDuplicates())
        .allMatch(client -> client.resumptions() > 0);
    streams.assertBilledOnce(ids(ended));
  }

  @Test
  void oneKeyAtTwoIngressesAtOnceIsOneCallAndOneBill() throws Exception {
    for (int round = 0; round < 5; round++) {
      long calls = streams.mock().requestCount();
      String body = StreamingForm.body(StreamingForm.STEADY, "once " + round);
      String key = "key-" + round;
      List<Future<PersistentClient>> answers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        PersistentClient client = streams.persistent(List.of(ingress(i)));
        answers.add(streams.threads().submit(() -> client.ask(body, "Idempotency-Key", key)));
      }
      List<PersistentClient> ended = StreamingForm.results(answers);

      assertThat(ended.get(0).requestId()).isEqualTo(ended.get(1).requestId());
      assertThat(ended.get(0).data()).isEqualTo(ended.get(1).data());
      assertThat(ended.get(0).ids()).isEqualTo(ended.get(1).ids());
      assertThat(ended.get(0).text()).isEqualTo(streams.text("once " + round));
      assertThat(streams.mock().requestCount() - calls).isEqualTo(1);
      streams.assertBilledOnce(ids(ended.subList(0, 1)));
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void theBooksAgreeInTheEnd() throws Exception {
    streams.assertBooksAgree();
  }

  private List<PersistentClient> clients(int count) throws IOException {
    List<PersistentClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(streams.persistent(List.of(ingress(i % 2))));
    }
    return clients;
  }

  private static Duration longest(List<PersistentClient> ended) {
    return ended.stream().map(PersistentClient::longestGap).max(Duration::compareTo).orElseThrow();
  }

  private static List<String> ids(List<PersistentClient> ended) {
    return ended.stream().map(PersistentClient::requestId).toList();
  }

  private URI ingress(int number) {
    return URI.create("http://127.0.0.1:" + ports[number]);
  }
}
