package dev.tokenbus.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients see while an instance shuts down. */
@ExtendWith(SharedServers.class)
@Timeout(120)
class DrainingIT {
  private static final String DONE = "data: [DONE]";
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(1_500);
  private static final String HEALTH = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";

  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  DrainingIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void finishesItsStreamAndSendsEverybodyElseAway() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Backbone backbone = start(goOn, Duration.ofSeconds(30));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      IngressApp ingress = backbone.startAnother("b");
      Client client = new Client(ingress.url(), Backbone.KEY);
      try (Socket asking = client.raw(HEALTH);
          Socket idle = client.raw(HEALTH)) {
        assertThat(answer(asking)).contains("HTTP/1.1 200 OK").doesNotContain("Connection: close");
        assertThat(answer(idle)).contains("HTTP/1.1 200 OK");
        HttpResponse<InputStream> stream = client.stream(Client.chat(true));

        Future<?> closing = threads.submit(ingress::close);
        await().atMost(Duration.ofSeconds(10)).until(() -> refusesConnections(ingress.url()));
        assertThat(ask(client, asking))
            .contains("HTTP/1.1 503 Service Unavailable", "Retry-After: 1", "Connection: close");
        assertThat(asking.getInputStream().read()).as("the end of the connection").isEqualTo(-1);
        assertThat(closing.isDone()).isFalse();

        goOn.countDown();
        assertThat(new String(stream.body().readAllBytes(), UTF_8))
            .contains("\"Hel\"", "\"lo\"")
            .endsWith(DONE + "\n\n");
        assertThat(closing.get(30, TimeUnit.SECONDS)).isNull();
        assertThat(idle.getInputStream().read()).as("the end of the connection").isEqualTo(-1);
      } finally {
        goOn.countDown();
      }
    }
  }

  @Test
  void cutsItsStreamOffAfterTheLimitSoThatAnotherInstanceCanGoOn() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Backbone backbone = start(goOn, Duration.ofMillis(300))) {
      IngressApp ingress = backbone.startAnother("b");
      HttpResponse<InputStream> stream =
          new Client(ingress.url(), Backbone.KEY).stream(Client.chat(true));
      BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8));
      String seen = lines.readLine();
      assertThat(seen).startsWith("id: ");

      ingress.close();
      assertThatThrownBy(() -> lines.lines().forEach(line -> assertThat(line).isNotEqualTo(DONE)))
          .isInstanceOf(UncheckedIOException.class);

      goOn.countDown();
      String id = stream.headers().firstValue("X-Request-Id").orElseThrow();
      HttpResponse<String> rest =
          backbone
              .client()
              .send(
                  "/v1/streams/" + id,
                  request -> request.header("Last-Event-ID", seen.substring("id: ".length())));
      HttpResponse<String> whole = backbone.client().get("/v1/streams/" + id);
      assertThat(rest.body()).contains("\"lo\"").endsWith(DONE + "\n\n");
      assertThat(whole.body()).startsWith(seen).endsWith(rest.body());
    } finally {
      goOn.countDown();
    }
  }

  @Test
  void keepsAConnectionUntilItsClientCanHaveBeenTold() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Backbone backbone = start(goOn, Duration.ofSeconds(30));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      IngressApp ingress = backbone.startAnother("b");
      Client client = new Client(ingress.url(), Backbone.KEY);
      try (Socket connection = client.raw("")) {
        send(client, connection);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");

        Future<?> closing = threads.submit(ingress::close);
        await().atMost(Duration.ofSeconds(10)).until(() -> refusesConnections(ingress.url()));
        goOn.countDown();
        String line = lines.readLine();
        while (!line.equals("0")) {
          line = lines.readLine();
        }
        assertThat(lines.readLine()).as("the end of the last chunk").isEmpty();
        Thread.sleep(PAUSE);

        send(client, connection);
        assertThat(lines.readLine()).isEqualTo("HTTP/1.1 503 Service Unavailable");
        assertThat(lines.lines()).contains("Connection: close");
        assertThat(closing.get(30, TimeUnit.SECONDS)).isNull();
      } finally {
        goOn.countDown();
      }
    }
  }

  /** ChatResponder begin at once and end when told to. */
  private Backbone start(CountDownLatch goOn, Duration drain) throws Exception {
    Backbone backbone =
        Backbone.start(
            broker.bootstrapServers(),
            registry.url(),
            "TOKENBUS_INSTANCE_ID",
            "a",
            "TOKENBUS_DRAIN_MS",
            String.valueOf(drain.toMillis()),
            "TOKENBUS_LINGER_MS",
            String.valueOf(LINGER.toMillis()));
    backbone
        .router()
        .follow((request, answer) -> {
          answer.records().admitted(true, false).opened(1, "m").text("Hel");
          answer.send();
          goOn.await();
          answer.records().text("lo").stop().completed(1, 2);
          answer.send();
        });
    return backbone;
  }

  private static boolean refusesConnections(URI url) throws IOException {
    try (Socket _ = new Socket(url.getHost(), url.getPort())) {
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  private static List<String> ask(Client client, Socket connection) throws IOException {
    send(client, connection);
    return answer(connection);
  }

  private static void send(Client client, Socket connection) throws IOException {
    String body = Client.chat(true);
    connection
        .getOutputStream()
        .write(
            (client.head() + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(UTF_8));
  }

  /** Reads one answer with a length, and nothing after it; returns the lines of its head. */
  private static List<String> answer(Socket connection) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
    List<String> head = new ArrayList<>();
    int length = 0;
    for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
      head.add(line);
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring("Content-Length: ".length()));
      }
    }
    assertThat(reader.skip(length)).isEqualTo(length);
    return head;
  }
}
