package dev.tokenbus.ingress;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Javalin on Jetty, set up for many connections that mostly wait: one acceptor, one selector, and a
 * virtual thread per request.
 */
final class HttpServer implements AutoCloseable {
  private static final int ACCEPTORS = 1;
  private static final int SELECTORS = 1;
  private static final int PLATFORM_THREADS = 12;
  private static final int ACCEPT_QUEUE = 4_096;

  /** How long a connection may do nothing at all, in the middle of a body or of an answer too. */
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final Javalin javalin;
  private final ServerConnector connector;
  private final int port;

  private HttpServer(Javalin javalin, ServerConnector connector) {
    this.javalin = javalin;
    this.connector = connector;
    port = connector.getLocalPort();
  }

  /**
   * Starts listening.
   *
   * @throws io.javalin.util.JavalinBindException if the port is taken
   */
  static HttpServer start(String host, int port, Consumer<JavalinConfig> routes) {
    Javalin javalin =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.startup.showOldJavalinVersionWarning = false;
          config.startup.startupWatcherEnabled = false;
          config.http.prefer405over404 = true;
          config.http.generateEtags = false;
          config.requestLogger.http((context, millis) -> AccessLog.write(context));
          config.jetty.threadPool = threads();
          config.jetty.modifyHttpConfiguration(HttpServer::configure);
          config.jetty.addConnector((server, http) -> connector(server, http, host, port));
          config.jetty.modifyServletContextHandler(
              context -> context.getServletHandler().setDecodeAmbiguousURIs(true));
          config.jetty.modifyServer(server -> server.setErrorHandler(new JettyErrors()));
          routes.accept(config);
        });
    javalin.start();
    ServerConnector connector = (ServerConnector) javalin.jettyServer().server().getConnectors()[0];
    return new HttpServer(javalin, connector);
  }

  int port() {
    return port;
  }

  /** Accepts no more connections; those that are open stay. */
  void stopAccepting() {
    connector.close();
  }

  @Override
  public void close() {
    javalin.stop();
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(PLATFORM_THREADS, ACCEPTORS + SELECTORS + 1);
    threads.setName("http");
    threads.setVirtualThreadsExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory()));
    return threads;
  }

  private static void configure(HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    // OpenAI's SDKs encode the slash in a model's name.
    http.setUriCompliance(
        UriCompliance.DEFAULT.with("tokenbus", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR));
  }

  private static ServerConnector connector(
      Server server, HttpConfiguration http, String host, int port) {
    ServerConnector connector =
        new ServerConnector(server, ACCEPTORS, SELECTORS, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setAcceptQueueSize(ACCEPT_QUEUE);
    connector.setAcceptedTcpNoDelay(true);
    connector.setIdleTimeout(IDLE.toMillis());
    return connector;
  }
}
