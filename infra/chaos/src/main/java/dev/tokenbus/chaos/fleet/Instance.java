package dev.tokenbus.chaos.fleet;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process that can be started again and again. Its output goes to a file; it is ready when it has
 * printed a line that begins with {@code ready}.
 *
 * <p>Thread-safe.
 */
public final class Instance {
  private static final String READY = "ready";

  private final InstanceName name;
  private final Path log;
  private final Duration stopLimit;
  private final Supplier<Process> launch;
  private final Runnable unexpectedExits;
  private @Nullable Run run;
  private boolean closed;

  /**
   * Starts nothing yet.
   *
   * @param stopLimit how long it may take to stop
   * @param unexpectedExits is called for every end that the fleet did not cause
   */
  Instance(
      InstanceName name,
      Path log,
      Duration stopLimit,
      Supplier<Process> launch,
      Runnable unexpectedExits) {
    this.name = name;
    this.log = log;
    this.stopLimit = stopLimit;
    this.launch = launch;
    this.unexpectedExits = unexpectedExits;
  }

  /** One run of the process. */
  private record Run(Process process, CompletableFuture<Boolean> ready, StopIntent intent) {}

  /** Whether the fleet wants the process to end. */
  private static final class StopIntent {
    volatile boolean stopping;
  }

  /** Which one it is. */
  public InstanceName name() {
    return name;
  }

  /** Starts it unless it runs. */
  public synchronized void start() {
    if (closed || (run != null && run.process().isAlive())) {
      return;
    }
    Process process = launch.get();
    Run started = new Run(process, new CompletableFuture<>(), new StopIntent());
    run = started;
    Thread.ofVirtual().name(name + "-output").start(() -> follow(started));
  }

  /**
   * Waits until it is ready.
   *
   * @return false if it ended before, or took too long
   */
  public boolean awaitReady(Duration limit) throws InterruptedException {
    Run now = current();
    if (now == null) {
      return false;
    }
    try {
      return now.ready().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Nothing completes it so", e);
    }
  }

  /** Whether it runs and has said that it is ready. */
  public boolean ready() {
    Run now = current();
    return now != null && now.process().isAlive() && now.ready().getNow(false);
  }

  /** Whether it runs. */
  public boolean alive() {
    Run now = current();
    return now != null && now.process().isAlive();
  }

  /**
   * SIGKILL; returns when it is gone.
   *
   * @return whether it ran
   */
  public boolean kill() throws InterruptedException {
    Run now = current();
    if (now == null || !end(now, Signal.KILL)) {
      return false;
    }
    now.process().waitFor();
    return true;
  }

  /** SIGTERM, and SIGKILL if that does not help. Returns when it is gone. */
  StopOutcome terminate() throws InterruptedException {
    Run now = current();
    if (now == null || !end(now, Signal.TERM)) {
      return StopOutcome.NOT_RUNNING;
    }
    if (now.process().waitFor(stopLimit.toMillis(), TimeUnit.MILLISECONDS)) {
      return StopOutcome.STOPPED;
    }
    end(now, Signal.KILL);
    now.process().waitFor();
    return StopOutcome.HUNG;
  }

  /**
   * Sends a signal.
   *
   * @return whether it ran
   */
  public boolean signal(Signal signal) {
    Run now = current();
    return now != null && now.process().isAlive() && signal.send(now.process().pid());
  }

  /**
   * Sends a signal, because Process.destroy would close the output that is being read.
   *
   * @return whether it ran; the end of one that did not was nobody's intent
   */
  private static boolean end(Run now, Signal signal) {
    if (!now.process().isAlive()) {
      return false;
    }
    now.intent().stopping = true;
    return signal.send(now.process().pid());
  }

  /** Keeps it from being started again. */
  public synchronized void retire() {
    closed = true;
  }

  private synchronized @Nullable Run current() {
    return run;
  }

  private void follow(Run now) {
    try (BufferedReader output = now.process().inputReader();
        BufferedWriter file =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      String line = output.readLine();
      while (line != null) {
        file.write(line);
        file.newLine();
        file.flush();
        if (line.startsWith(READY)) {
          now.ready().complete(true);
        }
        line = output.readLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The output of " + name + " cannot be kept", e);
    } finally {
      now.ready().complete(false);
    }
    if (!now.intent().stopping) {
      unexpectedExits.run();
    }
  }
}
