package dev.tokenbus.embedded;

import dev.tokenbus.embedded.home.LoopbackPorts;
import dev.tokenbus.embedded.process.ChildProcess;
import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Apicurio Registry 3.3 as a child process, on 127.0.0.1, with the API of Confluent's Schema
 * Registry.
 *
 * <p>It keeps its schemas in an H2 file, written through before it answers, so an id that it gave
 * out stays with its schema even if the process is killed the moment after. The server ends with
 * this JVM, also when that is killed; one that outlived its JVM all the same is stopped by the next
 * start on its directory.
 *
 * <p>Thread-safe. {@link #close} may be called more than once.
 */
public final class EmbeddedRegistry implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  private final ChildProcess process;
  private final RegistrySettings settings;
  private final int port;
  private final Runnable afterStop;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedRegistry(
      ChildProcess process, RegistrySettings settings, int port, Runnable afterStop) {
    this.process = process;
    this.settings = settings;
    this.port = port;
    this.afterStop = afterStop;
  }

  /**
   * Starts a registry and returns when it answers; about three seconds.
   *
   * @throws PortInUseException when the port that the settings name is taken
   * @throws StartFailedException when it does not come up; the message holds the end of its log
   */
  public static EmbeddedRegistry start(RegistrySettings settings) {
    return start(settings, () -> {});
  }

  /**
   * Starts a registry on a free port, whose directory is deleted when it closes: for tests that are
   * about the registry. Others are faster with {@link
   * dev.tokenbus.embedded.registry.InMemoryRegistry}.
   */
  public static EmbeddedRegistry startTemporary() {
    Path directory = DirectoryTree.createTemporary("tokenbus-registry");
    try {
      return start(RegistrySettings.in(directory), () -> DirectoryTree.delete(directory));
    } catch (RuntimeException e) {
      DirectoryTree.delete(directory);
      throw e;
    }
  }

  private static EmbeddedRegistry start(RegistrySettings settings, Runnable afterStop) {
    Path distribution = RegistryDistribution.find();
    DirectoryTree.createPrivate(settings.directory());
    DirectoryTree.createPrivateFor(settings.logFile());
    clear(settings);
    int port = settings.port() == 0 ? LoopbackPorts.free() : settings.port();
    LoopbackPorts.requireFree(port, "the schema registry");
    ChildProcess process =
        ChildProcess.start(
            RegistryCommand.of(settings, distribution, port),
            settings.pidFile(),
            settings.logFile());
    EmbeddedRegistry registry = new EmbeddedRegistry(process, settings, port, afterStop);
    try {
      registry.awaitReady();
    } catch (RuntimeException e) {
      process.close();
      throw e;
    }
    return registry;
  }

  /** Stops what an earlier run left behind. */
  static void clear(RegistrySettings settings) {
    ChildProcess.stopOrphan(settings.pidFile(), settings.marker());
  }

  private void awaitReady() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects"))
            .timeout(Duration.ofSeconds(10))
            .build();
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (!answers(client, request)) {
        if (!process.isAlive()) {
          throw StartFailedException.withLog(
              "the schema registry ended while starting", settings.logFile());
        }
        if (System.nanoTime() > deadline) {
          throw StartFailedException.withLog(
              "the schema registry did not answer within " + START_TIMEOUT.toSeconds() + " s",
              settings.logFile());
        }
        Thread.sleep(POLL_INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailedException("interrupted while waiting for the schema registry", e);
    }
  }

  private static boolean answers(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // not listening yet
    }
  }

  /** The base of the Confluent API: what clients call {@code schema.registry.url}. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  /** Where clients connect, on 127.0.0.1. */
  public int port() {
    return port;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      process.close();
      DirectoryTree.deleteIfPresent(settings.pidFile());
      afterStop.run();
    }
  }
}
