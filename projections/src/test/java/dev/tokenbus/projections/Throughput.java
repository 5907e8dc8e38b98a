package dev.tokenbus.projections;

import dev.tokenbus.projections.fixture.ProjectionsStack;
import dev.tokenbus.projections.fixture.Samples;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.topics.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jdbi.v3.core.Jdbi;

/**
 * How fast a backlog is written down, everything on this machine. Not a test: run by hand, with the
 * number of requests as its argument.
 */
final class Throughput {
  private static final int CHUNK = 1_000;

  private Throughput() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int requests = arguments.length == 0 ? 100_000 : Integer.parseInt(arguments[0]);
    Path directory = Files.createTempDirectory("throughput");
    try (ProjectionsStack stack = new ProjectionsStack(directory)) {
      Jdbi jdbi = stack.jdbi();
      for (int warmUp = 0; warmUp < 2; warmUp++) {
        produce(stack, requests / 2);
        measure(stack, jdbi, (warmUp + 1L) * (requests / 2));
      }
    }
  }

  private static void produce(ProjectionsStack stack, int requests) {
    for (int done = 0; done < requests; done += CHUNK) {
      String tenant = "tenant" + done / CHUNK % 16;
      List<SpecificRecord> beginnings = new ArrayList<>();
      List<SpecificRecord> ends = new ArrayList<>();
      List<SpecificRecord> bills = new ArrayList<>();
      for (int i = 0; i < CHUNK; i++) {
        RequestId id = Samples.id(Instant.now());
        beginnings.add(Samples.accepted(id, tenant).build());
        ends.add(Samples.finished(id, tenant).build());
        bills.add(Samples.usage(id, tenant).build());
      }
      stack.produce(Topics.REQUESTS, tenant, beginnings);
      stack.produce(Topics.OUTCOMES, tenant, ends);
      stack.produce(Topics.USAGE, tenant, bills);
    }
  }

  private static void measure(ProjectionsStack stack, Jdbi jdbi, long total)
      throws InterruptedException {
    try (ProjectionsApp app = ProjectionsApp.start(stack.context, stack.settings())) {
      while (!app.ready()) {
        Thread.sleep(5);
      }
      long before = written(jdbi);
      Duration jvmBefore = cpuOf(ProcessHandle.current());
      Duration postgresBefore = cpuOfPostgres(jdbi);
      long start = System.nanoTime();
      long now = before;
      while (now < 3 * total) {
        Thread.sleep(20);
        now = written(jdbi);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%d records of usage, requests and outcomes in %.1f s: %.0f rows/s;"
              + " CPU per row: %.0f us here (projections and broker), %.0f us in PostgreSQL%n",
          now - before,
          seconds,
          (now - before) / seconds,
          cpuOf(ProcessHandle.current()).minus(jvmBefore).toNanos() / 1e3 / (now - before),
          cpuOfPostgres(jdbi).minus(postgresBefore).toNanos() / 1e3 / (now - before));
    }
  }

  private static Duration cpuOf(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Of all backends of our server that live now. */
  private static Duration cpuOfPostgres(Jdbi jdbi) {
    long backend =
        jdbi.withHandle(
            handle -> handle.createQuery("SELECT pg_backend_pid()").mapTo(Long.class).one());
    return ProcessHandle.of(backend)
        .flatMap(ProcessHandle::parent)
        .orElseThrow()
        .children()
        .map(Throughput::cpuOf)
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static long written(Jdbi jdbi) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("SELECT coalesce(sum(next_offset), 0) FROM projection_offsets")
            .mapTo(Long.class)
            .one());
  }
}
