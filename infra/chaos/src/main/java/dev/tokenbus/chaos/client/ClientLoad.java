package dev.tokenbus.chaos.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Clients that send one request after another, each on a virtual thread, until they are stopped;
 * they finish the requests that they have begun.
 *
 * <p>Thread-safe.
 */
public final class ClientLoad implements AutoCloseable {
  private final ChatApi api;
  private final Consumer<String> log;
  private final Requests requests;
  private final List<ClientResult> results = new ArrayList<>();
  private final List<Thread> clients = new ArrayList<>();
  private final AtomicInteger steadfast = new AtomicInteger();
  private volatile boolean stopping;

  private ClientLoad(ChatApi api, Requests requests, Consumer<String> log) {
    this.api = api;
    this.requests = requests;
    this.log = log;
  }

  /**
   * Starts the clients.
   *
   * @param seed decides what each client requests
   */
  public static ClientLoad start(
      ChatApi api, Requests requests, int clients, long seed, Consumer<String> log) {
    ClientLoad load = new ClientLoad(api, requests, log);
    for (int client = 0; client < clients; client++) {
      Random random = new Random(seed * 31 + client);
      int first = client;
      load.clients.add(
          Thread.ofVirtual().name("client-" + client).start(() -> load.work(random, first)));
    }
    return load;
  }

  /** Starts no new requests. */
  public void stop() {
    stopping = true;
  }

  /** Waits until every request has ended; each has a time limit. */
  public void await() throws InterruptedException {
    for (Thread client : clients) {
      client.join();
    }
  }

  /** The results of the requests that have ended. */
  public List<ClientResult> results() {
    synchronized (results) {
      return List.copyOf(results);
    }
  }

  /**
   * How many clients ended before they were stopped, or finished no request; to be asked when all
   * have ended.
   */
  public int vanished() {
    return clients.size() - steadfast.get();
  }

  private void work(Random random, int firstIngress) {
    int finished = 0;
    try {
      while (!stopping) {
        ClientResult result = RetryingClient.of(requests.next(random), api, firstIngress).run();
        synchronized (results) {
          results.add(result);
        }
        finished++;
        if (!result.detail().isEmpty()) {
          log.accept(
              "%s %s %s: %s"
                  .formatted(
                      result.outcome(),
                      result.request().kind(),
                      result.request().model(),
                      result.detail()));
        }
        TimeUnit.MILLISECONDS.sleep(requests.pauseMillis(random));
      }
      if (finished > 0) {
        steadfast.incrementAndGet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    clients.forEach(Thread::interrupt);
    try {
      for (Thread client : clients) {
        client.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
