package dev.tokenbus.ingress.http;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs Javalin on Jetty for many connections that mostly wait: one acceptor, one selector, and a
 * virtual thread per request.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final int ACCEPTORS = 1;
  private static final int SELECTORS = 1;
  private static final int PLATFORM_THREADS = 12;
  private static final int ACCEPT_QUEUE = 4_096;

  /** How long a connection may be idle, within a body or a response too. */
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** How late connections may notice that they are idle. */
  private static final Duration NOTICE = Duration.ofSeconds(1);

  private final Javalin javalin;
  private final ServerConnector connector;
  private final AtomicBoolean draining;
  private final Duration linger;
  private final int port;

  private HttpServer(
      Javalin javalin, ServerConnector connector, AtomicBoolean draining, Duration linger) {
    this.javalin = javalin;
    this.connector = connector;
    this.draining = draining;
    this.linger = linger;
    port = connector.getLocalPort();
  }

  /**
   * Starts listening.
   *
   * @param linger how long {@link #close} leaves an idle connection open: a request that arrives
   *     meanwhile is served with {@code Connection: close}, whereas a connection that closes while
   *     its client sends leaves the client in doubt
   * @throws io.javalin.util.JavalinBindException if the port is taken
   */
  public static HttpServer start(
      String host, int port, Duration linger, Consumer<JavalinConfig> routes) {
    AtomicBoolean draining = new AtomicBoolean();
    Javalin javalin =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.startup.showOldJavalinVersionWarning = false;
          config.startup.startupWatcherEnabled = false;
          config.http.prefer405over404 = true;
          config.http.generateEtags = false;
          config.requestLogger.http((context, millis) -> AccessLog.write(context));
          config.jetty.threadPool = threads();
          config.jetty.modifyHttpConfiguration(http -> configure(http, draining));
          config.jetty.addConnector((server, http) -> connector(server, http, host, port, linger));
          config.jetty.modifyServletContextHandler(
              context -> context.getServletHandler().setDecodeAmbiguousURIs(true));
          config.jetty.modifyServer(server -> server.setErrorHandler(new JettyErrors()));
          routes.accept(config);
        });
    javalin.start();
    ServerConnector connector = (ServerConnector) javalin.jettyServer().server().getConnectors()[0];
    return new HttpServer(javalin, connector, draining, linger);
  }

  public int port() {
    return port;
  }

  /**
   * Stops accepting connections. Open connections are still served; the response to their next
   * request tells the client to close.
   */
  public void drain() {
    draining.set(true);
    connector.close();
  }

  /** Waits for connections to become idle and close, then cuts off the rest. */
  @Override
  public void close() {
    try {
      connector.shutdown().get(linger.plus(NOTICE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.atInfo()
          .addKeyValue("connections", connector.getConnectedEndPoints().size())
          .log("ingress cuts off connections");
    } catch (ExecutionException e) {
      LOG.atWarn().setCause(e).log("waiting for connections failed");
    }
    javalin.stop();
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(PLATFORM_THREADS, ACCEPTORS + SELECTORS + 1);
    threads.setName("http");
    threads.setVirtualThreadsExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory()));
    return threads;
  }

  private static void configure(HttpConfiguration http, AtomicBoolean draining) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    // OpenAI's SDKs encode the slash in a model's name.
    http.setUriCompliance(
        UriCompliance.DEFAULT.with("tokenbus", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR));
    http.addCustomizer((request, headers) -> {
      if (draining.get()) {
        headers.put(HttpFields.CONNECTION_CLOSE);
      }
      return request;
    });
  }

  private static ServerConnector connector(
      Server server, HttpConfiguration http, String host, int port, Duration linger) {
    ServerConnector connector =
        new ServerConnector(server, ACCEPTORS, SELECTORS, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setAcceptQueueSize(ACCEPT_QUEUE);
    connector.setAcceptedTcpNoDelay(true);
    connector.setIdleTimeout(IDLE.toMillis());
    connector.setShutdownIdleTimeout(linger.toMillis());
    return connector;
  }
}
