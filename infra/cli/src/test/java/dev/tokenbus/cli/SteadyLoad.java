package dev.tokenbus.cli;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that ask for one stream after another until they are told to stop, each request at the
 * ingress after that of the one before. Thread-safe.
 */
final class SteadyLoad implements AutoCloseable {
  /** A stream that has come to its end. */
  record Ended(String prompt, String requestId, String text) {}

  /** Asks once, the first of the ingresses first. */
  @FunctionalInterface
  private interface Asking {
    Ended ask(String prompt, List<URI> ingresses) throws IOException, InterruptedException;
  }

  private final StreamingForm streams;
  private final List<URI> ingresses;
  private final List<Future<?>> loops = new ArrayList<>();
  private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private volatile boolean stopping;

  private SteadyLoad(StreamingForm streams, List<URI> ingresses) {
    this.streams = streams;
    this.ingresses = List.copyOf(ingresses);
  }

  /** So many of each kind, all at once. */
  static SteadyLoad start(StreamingForm streams, List<URI> ingresses, int persistent, int plain) {
    SteadyLoad load = new SteadyLoad(streams, ingresses);
    for (int i = 0; i < persistent; i++) {
      load.loop("persistent " + i, i, load::persistent);
    }
    for (int i = 0; i < plain; i++) {
      load.loop("plain " + i, i, load::plain);
    }
    return load;
  }

  private void loop(String name, int first, Asking asking) {
    loops.add(
        streams
            .threads()
            .submit(() -> {
              for (int round = 0; !stopping; round++) {
                String prompt = name + " " + round;
                try {
                  ended.add(asking.ask(prompt, startingWith(first + round)));
                } catch (IOException e) {
                  broken.add(prompt + ": " + e + ", cause: " + e.getCause());
                }
              }
              return null;
            }));
  }

  private List<URI> startingWith(int number) {
    List<URI> order = new ArrayList<>();
    for (int i = 0; i < ingresses.size(); i++) {
      order.add(ingresses.get((number + i) % ingresses.size()));
    }
    return order;
  }

  /** The key makes it one request however often it must be sent until its id is known. */
  private Ended persistent(String prompt, List<URI> order)
      throws IOException, InterruptedException {
    PersistentClient client = streams.persistent(order);
    client.ask(
        StreamingForm.body(StreamingForm.STEADY, prompt),
        "Idempotency-Key",
        prompt.replace(' ', '-'));
    return new Ended(prompt, client.requestId(), client.text());
  }

  private Ended plain(String prompt, List<URI> order) throws IOException, InterruptedException {
    PlainClient client = streams.plain(order);
    client.ask(StreamingForm.body(StreamingForm.STEADY, prompt));
    turnedAway.addAndGet(client.turnedAway());
    return new Ended(prompt, client.requestId(), client.text());
  }

  /** How many streams have come to their ends. */
  int ended() {
    return ended.size();
  }

  /** What went wrong with streams of clients that do not resume. */
  Collection<String> broken() {
    return List.copyOf(broken);
  }

  /** How often plain clients had to choose another ingress. */
  int turnedAway() {
    return turnedAway.get();
  }

  /** Asks for no more and waits for what is under way. */
  List<Ended> finish() throws Exception {
    stopping = true;
    for (Future<?> loop : loops) {
      loop.get(StreamingForm.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    return List.copyOf(ended);
  }

  @Override
  public void close() {
    stopping = true;
  }
}
