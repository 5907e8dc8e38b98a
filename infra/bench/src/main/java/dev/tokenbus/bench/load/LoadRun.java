package dev.tokenbus.bench.load;

import dev.tokenbus.bench.http.ClientConnection;
import dev.tokenbus.bench.http.EventLoop;
import dev.tokenbus.bench.provider.MockText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One run under way. Everything belongs to the loop's thread, except {@link #pace}, which has a
 * thread of its own because it can sleep more precisely than a selector.
 */
final class LoadRun {
  private static final int MAX_OPEN = 8192;
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final LoadPlan plan;
  private final EventLoop loop;
  private final InetSocketAddress address;
  private final RequestText requests;
  private final Measurements measurements;
  private final long beginNanos;
  private volatile long endNanos;
  private final Deque<ClientConnection> idle = new ArrayDeque<>();
  private final Set<Call> open = new LinkedHashSet<>();
  private final CompletableFuture<LoadResult> result = new CompletableFuture<>();
  private boolean launchingEnded;
  private int launched;

  LoadRun(LoadPlan plan, EventLoop loop) {
    this.plan = plan;
    this.loop = loop;
    int port = plan.base().getPort() < 0 ? 80 : plan.base().getPort();
    address = new InetSocketAddress(plan.base().getHost(), port);
    requests = new RequestText(plan);
    beginNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
    long fromNanos = beginNanos + plan.warmUp().toNanos();
    endNanos = fromNanos + plan.measured().toNanos();
    measurements = new Measurements(fromNanos, endNanos);
  }

  CompletableFuture<LoadResult> start() {
    loop.execute(this::begin);
    return result;
  }

  Measurements measurements() {
    return measurements;
  }

  /** Ends the measured time now; requests under way are still brought to their ends. */
  void endNow() {
    loop.execute(() -> {
      endNanos = System.nanoTime();
      measurements.endAt(endNanos);
      finishIfDone();
    });
  }

  private void begin() {
    sweep();
    loop.schedule(endNanos, this::finishIfDone);
    switch (plan.arrival()) {
      case Arrival.ClosedLoop closed -> startClients(closed.clients(), closed.rampUp());
      case Arrival.Batch batch -> startClients(batch.clients(), Duration.ZERO);
      case Arrival.OpenLoop open ->
          Thread.ofPlatform().name("load-pacer").daemon(true).start(() -> pace(open.perSecond()));
    }
  }

  private void startClients(int clients, Duration rampUp) {
    launchingEnded = true; // from here on only the end of a call launches the next
    for (int client = 0; client < clients; client++) {
      loop.schedule(beginNanos + rampUp.toNanos() * client / clients, this::nextOfClient);
    }
  }

  private void nextOfClient() {
    long now = System.nanoTime();
    if (plan.arrival() instanceof Arrival.Batch batch
        ? launched < batch.requests()
        : now - endNanos < 0) {
      launch(now);
    }
  }

  /**
   * Hands each request to the loop at its time; never skips one and never waits for an answer. Each
   * request falls somewhere into its own slot: at exactly equal distances, 50 requests a second
   * would march in step with tokens that come every 20 ms, and measure each other.
   */
  private void pace(double perSecond) {
    double slotNanos = 1e9 / perSecond;
    SplittableRandom random = new SplittableRandom(1); // the same arrivals in every run
    long slots = Math.round((endNanos - beginNanos) / slotNanos);
    for (long slot = 0; slot < slots && !result.isDone() && !ended(); slot++) {
      long scheduled = beginNanos + (long) ((slot + random.nextDouble()) * slotNanos);
      long wait = scheduled - System.nanoTime();
      while (wait > 0) {
        LockSupport.parkNanos(wait);
        wait = scheduled - System.nanoTime();
      }
      loop.execute(() -> launch(scheduled));
    }
    loop.execute(() -> {
      launchingEnded = true;
      finishIfDone();
    });
  }

  private boolean ended() {
    return System.nanoTime() - endNanos >= 0;
  }

  private void launch(long scheduledNanos) {
    launched++;
    RequestText.Request request = requests.next();
    List<String> tokens = MockText.tokens(request.promptHash(), 0, plan.tokens());
    Call call =
        new Call(this, scheduledNanos, plan.stream(), String.join("", tokens), plan.tokens());
    open.add(call);
    if (open.size() > MAX_OPEN) {
      call.notSent("more than " + MAX_OPEN + " requests open");
      return;
    }
    try {
      call.send(connection(), request.pieces());
    } catch (IOException e) {
      call.notSent("cannot connect");
    }
  }

  private ClientConnection connection() throws IOException {
    for (ClientConnection next = idle.poll(); next != null; next = idle.poll()) {
      if (next.idle()) {
        return next;
      }
    }
    return ClientConnection.open(loop, address);
  }

  void ended(Call call, Optional<ClientConnection> connection, boolean failed) {
    open.remove(call);
    connection.filter(ClientConnection::idle).ifPresent(idle::push);
    if (!(plan.arrival() instanceof Arrival.OpenLoop)) {
      long wait =
          failed ? RETRY_NANOS : 0; // a server that is away must not be asked in a busy loop
      loop.schedule(System.nanoTime() + wait, this::nextOfClient);
    }
    finishIfDone();
  }

  private void sweep() {
    for (Call call : List.copyOf(open)) {
      if (call.olderThan(plan.timeout().toNanos())) {
        call.timeOut();
      }
    }
    if (!result.isDone()) {
      loop.schedule(System.nanoTime() + SWEEP_NANOS, this::sweep);
    }
  }

  private void finishIfDone() {
    boolean over =
        plan.arrival() instanceof Arrival.Batch batch
            ? launched == batch.requests()
            : System.nanoTime() - endNanos >= 0;
    if (launchingEnded && open.isEmpty() && over && !result.isDone()) {
      if (plan.arrival() instanceof Arrival.Batch) {
        measurements.endAt(System.nanoTime());
      }
      idle.forEach(ClientConnection::close);
      idle.clear();
      result.complete(measurements.result());
    }
  }
}
