package dev.tokenbus.embedded;

import dev.tokenbus.embedded.home.LoopbackPorts;
import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;

/**
 * A Kafka 4.3 broker and its KRaft controller inside this JVM, on 127.0.0.1.
 *
 * <p>All group protocols are on: classic, consumer, share (KIP-932) and streams (KIP-1071). Topics
 * are not created on demand. Records may be up to 12 MB. What was acknowledged survives {@code kill
 * -9} of the process: it is in the operating system's page cache; only a crash of the machine can
 * lose what was not yet flushed, since there is one replica. Like every Kafka server, it halts the
 * JVM when its log directory fails: there is no going on without it.
 *
 * <p>Thread-safe. {@link #close} stops it in an orderly way and may be called more than once.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private final KraftNode node;
  private final String clusterId;
  private final int port;
  private final Runnable afterStop;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedBroker(KraftNode node, String clusterId, int port, Runnable afterStop) {
    this.node = node;
    this.clusterId = clusterId;
    this.port = port;
    this.afterStop = afterStop;
  }

  /**
   * Starts a broker and returns when it takes requests.
   *
   * @throws PortInUseException when a port that the settings name is taken
   * @throws StartFailedException when the directory cannot be formatted or the broker does not come
   *     up
   */
  public static EmbeddedBroker start(BrokerSettings settings) {
    return start(settings, () -> {});
  }

  /**
   * Starts a broker on a free port, whose directory is deleted when it closes: for tests. The first
   * start in a JVM takes about two seconds, later ones less than one.
   */
  public static EmbeddedBroker startTemporary() {
    Path directory = DirectoryTree.createTemporary("tokenbus-broker");
    try {
      return start(BrokerSettings.in(directory), () -> DirectoryTree.delete(directory));
    } catch (RuntimeException e) {
      DirectoryTree.delete(directory);
      throw e;
    }
  }

  private static EmbeddedBroker start(BrokerSettings settings, Runnable afterStop) {
    int port =
        settings.port() == 0 ? LoopbackPorts.free(settings.controllerPort()) : settings.port();
    int controllerPort =
        settings.controllerPort() == 0 ? LoopbackPorts.free(port) : settings.controllerPort();
    // Kafka halts the JVM when its controller cannot bind, so look first.
    LoopbackPorts.requireFree(port, "the Kafka broker");
    LoopbackPorts.requireFree(controllerPort, "the Kafka controller");
    String clusterId = BrokerStorage.prepare(settings.directory());
    KafkaConfig config =
        KafkaConfig.fromProps(BrokerProperties.of(settings, port, controllerPort), false);
    KraftNode node =
        new KraftNode(
            config,
            settings.directory(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), controllerPort));
    try {
      node.start();
    } catch (RuntimeException e) {
      try {
        node.stop();
      } catch (RuntimeException stopping) {
        e.addSuppressed(stopping);
      }
      throw new StartFailedException(
          "the Kafka broker in " + settings.directory() + " did not start: " + e.getMessage(), e);
    }
    return new EmbeddedBroker(node, clusterId, port, afterStop);
  }

  /** What clients need: {@code 127.0.0.1:<port>}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Where clients connect, on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The id that the directory was formatted with; the same after every restart. */
  public String clusterId() {
    return clusterId;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      node.stop();
      afterStop.run();
    }
  }
}
