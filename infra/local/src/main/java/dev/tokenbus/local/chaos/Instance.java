package dev.tokenbus.local.chaos;

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
 * A process that is started again and again. What it says goes to a file; the line that begins with
 * {@code ready} tells that it is.
 *
 * <p>Thread-safe.
 */
final class Instance {
  private static final String READY = "ready";
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final Target target;
  private final Path log;
  private final Supplier<Process> launch;
  private final Runnable diedAlone;
  private @Nullable Life life;
  private boolean closed;

  /**
   * Starts nothing yet.
   *
   * @param diedAlone is told of every end that nobody here has brought about
   */
  Instance(Target target, Path log, Supplier<Process> launch, Runnable diedAlone) {
    this.target = target;
    this.log = log;
    this.launch = launch;
    this.diedAlone = diedAlone;
  }

  /** One run of the process. */
  private record Life(Process process, CompletableFuture<Boolean> ready, Intent intent) {}

  /** Whether its end was wanted. */
  private static final class Intent {
    volatile boolean end;
  }

  Target target() {
    return target;
  }

  /** Starts it unless it runs. */
  synchronized void start() {
    if (closed || (life != null && life.process().isAlive())) {
      return;
    }
    Process process = launch.get();
    Life started = new Life(process, new CompletableFuture<>(), new Intent());
    life = started;
    Thread.ofVirtual().name(target + "-output").start(() -> follow(started));
  }

  /**
   * Waits until it is ready.
   *
   * @return false if it ended before, or took too long
   */
  boolean awaitReady(Duration limit) throws InterruptedException {
    Life now = current();
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

  boolean ready() {
    Life now = current();
    return now != null && now.process().isAlive() && now.ready().getNow(false);
  }

  boolean alive() {
    Life now = current();
    return now != null && now.process().isAlive();
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    Life now = current();
    if (now != null) {
      end(now, Signal.KILL);
      now.process().waitFor();
    }
  }

  /** SIGTERM, and SIGKILL if that does not help. Returns when it is gone. */
  boolean terminate() throws InterruptedException {
    Life now = current();
    if (now == null) {
      return true;
    }
    end(now, Signal.TERM);
    if (now.process().waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      return true;
    }
    end(now, Signal.KILL);
    now.process().waitFor();
    return false;
  }

  void signal(Signal signal) {
    Life now = current();
    if (now != null && now.process().isAlive()) {
      signal.send(now.process().pid());
    }
  }

  /** By signal, as Process.destroy would close the output that we read. */
  private static void end(Life now, Signal signal) {
    now.intent().end = true;
    if (now.process().isAlive()) {
      signal.send(now.process().pid());
    }
  }

  /** Nothing starts it any more. */
  synchronized void retire() {
    closed = true;
  }

  private synchronized @Nullable Life current() {
    return life;
  }

  private void follow(Life now) {
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
      throw new UncheckedIOException("The output of " + target + " cannot be kept", e);
    } finally {
      now.ready().complete(false);
    }
    if (!now.intent().end) {
      diedAlone.run();
    }
  }
}
