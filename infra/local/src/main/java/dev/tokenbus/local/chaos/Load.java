package dev.tokenbus.local.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Clients that have one job after another, each on a virtual thread, until they are told to stop;
 * the jobs that they have begun are brought to their ends.
 *
 * <p>Thread-safe.
 */
final class Load implements AutoCloseable {
  private static final int LONGEST_PAUSE_MS = 400;

  private final Api api;
  private final RunLog log;
  private final List<JobResult> results = new ArrayList<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopping;

  private Load(Api api, RunLog log) {
    this.api = api;
    this.log = log;
  }

  static Load start(Api api, int clients, long seed, RunLog log) {
    Load load = new Load(api, log);
    for (int client = 0; client < clients; client++) {
      Random random = new Random(seed * 31 + client);
      int first = client;
      load.clients.add(
          Thread.ofVirtual().name("client-" + client).start(() -> load.work(random, first)));
    }
    return load;
  }

  /** No new jobs. */
  void stop() {
    stopping = true;
  }

  /** Waits until every job has come to its end; they all do, as each has a limit. */
  void await() throws InterruptedException {
    for (Thread client : clients) {
      client.join();
    }
  }

  /** Of the jobs that have ended. */
  List<JobResult> results() {
    synchronized (results) {
      return List.copyOf(results);
    }
  }

  private void work(Random random, int firstIngress) {
    try {
      while (!stopping) {
        JobResult result = Conversation.of(job(random), api, firstIngress).run();
        synchronized (results) {
          results.add(result);
        }
        if (!result.detail().isEmpty()) {
          log.say(
              "%s %s %s: %s"
                  .formatted(
                      result.ending(), result.job().kind(), result.job().model(), result.detail()));
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_PAUSE_MS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Job job(Random random) {
    String key = new UUID(random.nextLong(), random.nextLong()).toString();
    ChaosModel model = ChaosModel.ALL.get(random.nextInt(ChaosModel.ALL.size()));
    int dice = random.nextInt(20);
    Job.Kind kind = dice == 0 ? Job.Kind.DESERT : dice < 6 ? Job.Kind.WHOLE : Job.Kind.STREAM;
    return Job.of(key, model, kind);
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
