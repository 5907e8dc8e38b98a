package dev.tokenbus.projections;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;

/** Requests that begin, end and are billed, some records twice, until stopped. One thread. */
final class Load implements AutoCloseable {
  private static final int REQUESTS_AT_ONCE = 200;
  private static final List<String> TENANTS = List.of("acme", "globex", "initech", "umbrella");

  private final Stack stack;
  private final Random random;
  private final int pauseMs;
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final Thread thread = new Thread(this::run, "load");
  private volatile boolean stopped;

  private Load(Stack stack, long seed, int pauseMs) {
    this.stack = stack;
    this.pauseMs = pauseMs;
    random = new Random(seed);
  }

  static Load start(Stack stack, long seed, int pauseMs) {
    Load load = new Load(stack, seed, pauseMs);
    load.thread.start();
    return load;
  }

  /** Ids of all requests so far. */
  Set<String> accepted() {
    return accepted;
  }

  /** Every record is acknowledged when this returns. */
  Set<String> stop() throws InterruptedException {
    stopped = true;
    thread.join();
    return accepted;
  }

  private void run() {
    while (!stopped) {
      String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
      List<SpecificRecord> beginnings = new ArrayList<>();
      List<SpecificRecord> ends = new ArrayList<>();
      List<SpecificRecord> bills = new ArrayList<>();
      for (int i = 0; i < REQUESTS_AT_ONCE; i++) {
        RequestId id = Samples.id(Instant.now());
        accepted.add(id.toString());
        for (int copies = random.nextInt(10) == 0 ? 2 : 1; copies > 0; copies--) {
          beginnings.add(Samples.accepted(id, tenant).build());
          ends.add(Samples.finished(id, tenant).build());
          bills.add(Samples.usage(id, tenant).build());
        }
      }
      stack.produce(Topics.OUTCOMES, tenant, ends);
      stack.produce(Topics.REQUESTS, tenant, beginnings);
      stack.produce(Topics.USAGE, tenant, bills);
      try {
        Thread.sleep(pauseMs);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}
