package dev.tokenbus.workers;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.AttemptEvent;
import dev.tokenbus.schemas.avro.AttemptStarted;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Prints what the figures in RATIONALE.md say: the time from a dispatch to the first output on
 * {@code replies}, and the processor time of each of the worker's threads per token. Run it by
 * hand; it measures, and asserts nothing.
 */
public final class WorkerMeasurement {
  private final Backbone backbone;
  private final MockProvider mock;
  private String provider = "mock";

  private WorkerMeasurement(Backbone backbone, MockProvider mock) {
    this.backbone = backbone;
    this.mock = mock;
  }

  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createTempDirectory("worker-measurement");
    try (MockProvider mock = MockProvider.start();
        Backbone backbone = new Backbone(directory, Map.of())) {
      backbone.serve(Samples.openai("mock", mock.baseUrl(), 1000));
      try (WorkerApp worker = backbone.worker("measured")) {
        WorkerMeasurement measurement = new WorkerMeasurement(backbone, mock);
        measurement.hops(300, 20_000_000L, "warm-up");
        measurement.hops(1000, 20_000_000L, "50 requests/s");
        backbone.serve(
            ProviderEntry.newBuilder()
                .setName("sim")
                .setDialect("simulated")
                .setOptions(Map.of("tokens", "4", "tokens-per-second", "0", "first-token-ms", "0"))
                .setSlots(1000)
                .build());
        backbone.finished(backbone.dispatched("sim"), 1);
        measurement.provider = "sim";
        measurement.hops(500, 20_000_000L, "simulated, 50 requests/s");
        measurement.provider = "mock";
        measurement.whole(4000);
        measurement.streams(300, 20, Duration.ofSeconds(20));
        System.out.println("still running: " + worker.running());
      }
    }
  }

  private void hops(int count, long intervalNanos, String name) {
    Map<String, Long> sentAt = new HashMap<>();
    Map<String, Instant> dispatchedAt = new HashMap<>();
    long next = System.nanoTime();
    RequestId last = Backbone.newRequest();
    for (int i = 0; i < count; i++) {
      next += intervalNanos;
      LockSupport.parkNanos(next - System.nanoTime());
      last = Backbone.newRequest();
      sentAt.put(last.toString(), System.nanoTime());
      AttemptDispatched dispatched =
          Samples.dispatched(last, 1, provider, "mock/4x0", Samples.ask("Say it", true));
      dispatchedAt.put(
          last.toString(), dispatched.getDispatchedAt().truncatedTo(ChronoUnit.MILLIS));
      backbone.dispatchSoon(dispatched);
    }
    backbone.finished(last, 1);
    try (TopicTail<AttemptDispatched> work =
        TopicTail.of(
            backbone.context(),
            Topics.work(provider, Priority.INTERACTIVE),
            AttemptDispatched.class)) {
      LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
      sentAt.clear();
      for (int i = 0; i < count; i++) {
        next = Math.max(next + intervalNanos, System.nanoTime());
        LockSupport.parkNanos(next - System.nanoTime());
        last = Backbone.newRequest();
        sentAt.put(last.toString(), System.nanoTime());
        backbone.dispatchSoon(
            Samples.dispatched(last, 1, provider, "mock/4x0", Samples.ask("Say it", true)));
      }
      backbone.finished(last, 1);
      List<Long> plain = new ArrayList<>();
      for (TopicTail.Seen<AttemptDispatched> seen : work.seen()) {
        Long sent = sentAt.get(seen.value().getRequestId());
        if (sent != null) {
          plain.add(seen.seenAt() - sent);
        }
      }
      print(name + ": one plain hop for comparison", plain);
    }
    List<Long> toOpened = new ArrayList<>();
    List<Long> toOutput = new ArrayList<>();
    Map<String, Instant> openedAt = new HashMap<>();
    for (TopicTail.Seen<Reply> seen : backbone.replies.seen()) {
      Long sent = sentAt.get(seen.value().getRequestId());
      if (sent != null && seen.value().getEvent() instanceof Opened) {
        toOpened.add(seen.seenAt() - sent);
        openedAt.put(seen.value().getRequestId(), seen.value().getAt());
      } else if (sent != null
          && seen.value().getEvent() instanceof Deltas
          && seen.value().getSequence() == 1) {
        toOutput.add(seen.seenAt() - sent);
      }
    }
    // Times of the records are whole milliseconds: only their mean says more.
    double toStart = 0;
    double toCall = 0;
    for (AttemptEvent event : backbone.attempts.values()) {
      Instant opened = openedAt.get(event.getRequestId());
      if (opened != null && event.getEvent() instanceof AttemptStarted) {
        Instant dispatched = dispatchedAt.getOrDefault(event.getRequestId(), Instant.EPOCH);
        toStart += Duration.between(dispatched, event.getAt()).toMillis();
        toCall += Duration.between(event.getAt(), opened).toMillis();
      }
    }
    System.out.printf(
        "%s: mean dispatch to start %.2f ms, start to first byte %.2f ms%n",
        name, toStart / count, toCall / count);
    print(name + ": dispatch to opening", toOpened);
    print(name + ": dispatch to first output", toOutput);
  }

  private void whole(int count) {
    List<RequestId> requests = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      RequestId request = Backbone.newRequest();
      requests.add(request);
      backbone.dispatchSoon(
          Samples.dispatched(
              request, 1, "mock", "mock/20x0/answer-20ms", Samples.ask("Say it", false)));
    }
    backbone.finished(requests.getLast(), 1);
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> mock.openRequests() == 0);
    System.out.printf(
        "whole answers: %.0f requests/s%n", count * 1e9 / (System.nanoTime() - begin));
  }

  private void streams(int count, int gapMs, Duration length) {
    int tokens = (int) (length.toMillis() / gapMs);
    List<RequestId> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RequestId request = Backbone.newRequest();
      requests.add(request);
      backbone.dispatchSoon(
          Samples.dispatched(
              request,
              1,
              "mock",
              "mock/" + tokens + "x" + gapMs + "ms",
              Samples.ask("Say " + i, true)));
    }
    LockSupport.parkNanos(Duration.ofSeconds(5).toNanos());
    Map<String, Long> before = cpuByThread();
    long records = backbone.replies.seen().size();
    long begin = System.nanoTime();
    LockSupport.parkNanos(Duration.ofSeconds(10).toNanos());
    Map<String, Long> after = cpuByThread();
    double seconds = (System.nanoTime() - begin) / 1e9;
    double perSecond = count * 1000.0 / gapMs;
    System.out.printf(
        "%d streams: %.0f tokens/s asked for, %.0f reply records/s%n",
        count, perSecond, (backbone.replies.seen().size() - records) / seconds);
    after.forEach((name, nanos) -> {
      double share = (nanos - before.getOrDefault(name, 0L)) / 1e9 / seconds;
      if (share > 0.005) {
        System.out.printf(
            "  %-40s %5.1f %% of a core, %5.1f us per token%n",
            name, share * 100, share * 1e6 / perSecond);
      }
    });
    requests.forEach(request -> backbone.finished(request, 1));
    long incomplete =
        requests.stream().filter(request -> backbone.transcript(request).gaps() > 0).count();
    System.out.println("streams with gaps: " + incomplete);
  }

  private static Map<String, Long> cpuByThread() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Map<String, Long> cpu = new TreeMap<>();
    for (ThreadInfo info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null) {
        String name = info.getThreadName().replaceAll("[0-9a-f]{4,}|[0-9]+", "#");
        cpu.merge(name, Math.max(0, threads.getThreadCpuTime(info.getThreadId())), Long::sum);
      }
    }
    return cpu;
  }

  private static void print(String name, List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return;
    }
    System.out.printf(
        "%s: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, %d requests%n",
        name,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 9 / 10] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        Arrays.stream(sorted).count());
  }
}
