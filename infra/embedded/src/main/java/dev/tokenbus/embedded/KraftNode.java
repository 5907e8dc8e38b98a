package dev.tokenbus.embedded;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.server.ServerSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Kafka's controller and broker in one process, as {@link KafkaRaftServer} starts them, with one
 * step between: a broker that was killed is unregistered before it starts again.
 *
 * <p>Without that step the controller takes the dead broker for alive, until its session is over.
 * The new one cannot register so long; and since the first metadata it reads name it as the leader
 * of every partition, and the next name nobody, its group coordinators are loaded, closed and
 * loaded again. When the first load ends only after the second has begun, Kafka 4.3.1 takes the
 * second for complete: members of groups are told that their group does not exist, and stay in it
 * for ever, with their tasks.
 *
 * <p>Not thread-safe.
 */
final class KraftNode {
  private static final Logger log = LoggerFactory.getLogger(KraftNode.class);
  private static final Duration CONTROLLER_LIMIT = Duration.ofSeconds(30);
  private static final long RETRY_MS = 20;

  /** Kafka writes it when it stops in an orderly way, and deletes it when it starts. */
  private static final String CLEAN_SHUTDOWN = ".kafka_cleanshutdown";

  private final Path directory;
  private final ControllerServer controller;
  private final BrokerServer broker;

  /**
   * Makes what {@link #start} starts.
   *
   * @param address of the controller
   */
  KraftNode(KafkaConfig config, Path directory, InetSocketAddress address) {
    this.directory = directory;
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> storage =
        KafkaRaftServer.initializeLogDirs(config, log, "");
    MetaPropertiesEnsemble properties = storage._1();
    SharedServer shared =
        new SharedServer(
            config,
            properties,
            Time.SYSTEM,
            Server.initializeMetrics(config, Time.SYSTEM, properties.clusterId().orElseThrow()),
            CompletableFuture.completedFuture(Map.of(BrokerProperties.NODE_ID, address)),
            List.of(),
            new StandardFaultHandlerFactory(),
            ServerSocketFactory.INSTANCE);
    broker = new BrokerServer(shared);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), storage._2());
  }

  /** Returns when the broker takes requests. */
  void start() {
    boolean killed = !Files.exists(directory.resolve(CLEAN_SHUTDOWN));
    controller.startup();
    if (killed) {
      unregister();
    }
    broker.startup();
  }

  private void unregister() {
    long until = System.nanoTime() + CONTROLLER_LIMIT.toNanos();
    while (true) {
      try {
        ControllerRequestContext context =
            new ControllerRequestContext(
                new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.empty());
        controller
            .controller()
            .unregisterBroker(context, BrokerProperties.NODE_ID)
            .get(CONTROLLER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        log.atInfo().addKeyValue("directory", directory).log("killed broker unregistered");
        return;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof BrokerIdNotRegisteredException) {
          return; // The first start.
        }
        if (!(e.getCause() instanceof NotControllerException) || System.nanoTime() > until) {
          throw new IllegalStateException("the killed broker cannot be unregistered", e.getCause());
        }
        pause();
      } catch (TimeoutException e) {
        throw new IllegalStateException("the controller does not answer", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the broker starts", e);
      }
    }
  }

  /** The controller's log has not elected it yet. */
  private static void pause() {
    try {
      Thread.sleep(RETRY_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the broker starts", e);
    }
  }

  /** Stops in an orderly way and returns when all has stopped; the broker first. */
  void stop() {
    try {
      broker.shutdown();
      broker.awaitShutdown();
    } finally {
      controller.shutdown();
      controller.awaitShutdown();
    }
  }
}
