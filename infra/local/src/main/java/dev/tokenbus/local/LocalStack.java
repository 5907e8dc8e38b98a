package dev.tokenbus.local;

import dev.tokenbus.embedded.EmbeddedBackbone;
import dev.tokenbus.embedded.Endpoints;
import dev.tokenbus.ingress.IngressMain;
import dev.tokenbus.ingress.IngressSettings;
import dev.tokenbus.projections.ProjectionsMain;
import dev.tokenbus.projections.ProjectionsSettings;
import dev.tokenbus.router.MeteringMain;
import dev.tokenbus.router.MeteringSettings;
import dev.tokenbus.router.RouterMain;
import dev.tokenbus.router.RouterSettings;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.lifecycle.HealthMonitor;
import dev.tokenbus.runtime.lifecycle.Progress;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import dev.tokenbus.runtime.lifecycle.RunningParts;
import dev.tokenbus.runtime.lifecycle.StartStoppedException;
import dev.tokenbus.workers.WorkerMain;
import dev.tokenbus.workers.WorkerSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Broker, database, schema registry and every app in this process. Closing drains the apps in the
 * order in which a request passes them, then stops the servers.
 *
 * <p>Not thread-safe: one thread starts and closes it.
 */
public final class LocalStack implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

  /** Short, because there is no other ingress that clients could go to. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** A stop of everything takes at most 45 s; the servers need some of them. */
  private static final Duration INGRESS_DRAIN = Duration.ofSeconds(20);

  /**
   * Short, because the clients have gone by then and no other worker lives: what still runs goes on
   * at the next start.
   */
  private static final Duration WORKER_DRAIN = Duration.ofSeconds(5);

  private final RunningParts parts;
  private final LocalEndpoints endpoints;
  private final HealthMonitor health;
  private final String model;

  private LocalStack(
      RunningParts parts, LocalEndpoints endpoints, HealthMonitor health, String model) {
    this.parts = parts;
    this.endpoints = endpoints;
    this.health = health;
    this.model = model;
  }

  /**
   * Returns when a request can be served.
   *
   * @param stopping whether the start is to be given up; checked between steps
   * @throws PortTakenException if the ingress' port is in use; nothing was started then
   * @throws dev.tokenbus.embedded.home.AlreadyRunningException if another process runs on the home
   * @throws StartStoppedException if the start was given up
   */
  public static LocalStack start(
      LocalSettings settings, Progress progress, BooleanSupplier stopping) {
    PortTakenException.throwIfTaken(settings);
    RunningParts parts = new RunningParts(progress, stopping);
    try {
      return start(settings, progress, parts);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * As {@link #start}, but without the apps: broker, database and registry, topics and catalogue.
   */
  public static LocalStack startWithoutApps(
      LocalSettings settings, Progress progress, BooleanSupplier stopping) {
    RunningParts parts = new RunningParts(progress, stopping);
    try {
      EmbeddedBackbone backbone = BackboneParts.start(settings.backbone(), parts, progress);
      LocalEndpoints endpoints = endpoints(settings, backbone);
      AppContext context = context(settings, endpoints, parts, progress, false);
      endpoints.write(settings.home());
      return new LocalStack(
          parts,
          endpoints,
          HealthMonitor.start(parts.snapshot(), progress),
          demonstrationModel(context.catalogue().current()));
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static LocalStack start(LocalSettings settings, Progress progress, RunningParts parts) {
    EmbeddedBackbone backbone = BackboneParts.start(settings.backbone(), parts, progress);
    backbone.announce(settings.url());
    LocalEndpoints endpoints = endpoints(settings, backbone);
    AppContext context = context(settings, endpoints, parts, progress, true);
    // They stop in the reverse order.
    parts.start(
        List.of(
            ProjectionsMain.part(context, ProjectionsSettings.from(context.addresses())),
            MeteringMain.part(context, MeteringSettings.from(context.addresses())),
            RouterMain.part(context, RouterSettings.from(context.addresses())),
            WorkerMain.part(context, workerSettings(context))));
    parts.start(List.of(IngressMain.part(context, ingressSettings(settings, context))));
    parts.awaitHealthy(READY_TIMEOUT);
    endpoints.write(settings.home());
    return new LocalStack(
        parts,
        endpoints,
        HealthMonitor.start(parts.snapshot(), progress),
        demonstrationModel(context.catalogue().current()));
  }

  private static IngressSettings ingressSettings(LocalSettings settings, AppContext context) {
    IngressSettings ingress = IngressSettings.from(context.addresses()).withPort(settings.port());
    if (context.addresses().get("TOKENBUS_LINGER_MS").isEmpty()) {
      ingress = ingress.withLinger(LINGER);
    }
    return context.addresses().get("TOKENBUS_DRAIN_MS").isEmpty()
        ? ingress.withDrain(INGRESS_DRAIN)
        : ingress;
  }

  private static WorkerSettings workerSettings(AppContext context) {
    WorkerSettings worker = WorkerSettings.from(context.addresses());
    if (context.addresses().get(WorkerSettings.DRAIN_LIMIT_MS).isEmpty()) {
      worker = worker.withDrainLimit(WORKER_DRAIN);
    }
    return context.addresses().get(WorkerSettings.DRAIN_CEILING_MS).isEmpty()
        ? worker.withDrainCeiling(Duration.ZERO)
        : worker;
  }

  private static LocalEndpoints endpoints(LocalSettings settings, EmbeddedBackbone backbone) {
    Endpoints beneath = backbone.endpoints();
    return new LocalEndpoints(
        settings.url(),
        LocalKey.of(settings.home()),
        beneath.bootstrapServers(),
        beneath.schemaRegistryUrl(),
        beneath.databaseUrl());
  }

  private static AppContext context(
      LocalSettings settings,
      LocalEndpoints endpoints,
      RunningParts parts,
      Progress progress,
      boolean ownsEveryApp) {
    parts.giveUpIfStopping();
    long start = System.nanoTime();
    Map<String, String> environment = new HashMap<>(settings.environment());
    environment.putAll(endpoints.asEnvironment());
    AppContext context =
        AppContext.open(Addresses.of(environment), settings.home().stateDirectory());
    parts.adopt(new RunningPart("topics", "", () -> true, context::close));
    String origin = LocalCatalogue.prepare(context, settings, endpoints.key(), ownsEveryApp);
    progress.done("topics", Duration.ofNanos(System.nanoTime() - start), "catalogue " + origin);
    return context;
  }

  /** The simulated model, which needs no provider key, if the catalogue has it. */
  private static String demonstrationModel(Catalogue catalogue) {
    return catalogue
        .model("simulated")
        .or(() -> catalogue.models().stream().findFirst())
        .map(model -> model.getName())
        .orElse("simulated");
  }

  /** Where the ingress listens. */
  public String url() {
    return endpoints.url();
  }

  /** The home's own API key. */
  public String key() {
    return endpoints.key().text();
  }

  /** What other tools need to connect, by names of environment variables. */
  public Map<String, String> environment() {
    return endpoints.asEnvironment();
  }

  /** A model of the catalogue to try the installation with. */
  public String demonstrationModel() {
    return model;
  }

  @Override
  public void close() {
    health.close();
    parts.close();
  }
}
