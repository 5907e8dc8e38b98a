package dev.tokenbus.local;

import dev.tokenbus.embedded.EmbeddedBackbone;
import dev.tokenbus.embedded.Endpoints;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.config.Addresses;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Everything in this process: broker, database and schema registry, then the apps over them.
 * Closing drains the apps in the order in which a request passes them, then stops what is beneath.
 *
 * <p>Not thread-safe: one thread starts and closes it.
 */
public final class LocalStack implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

  /** There is no other ingress that clients could be told to go to. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final RunningParts parts;
  private final LocalEndpoints endpoints;
  private final HealthWatch health;
  private final String model;

  private LocalStack(
      RunningParts parts, LocalEndpoints endpoints, HealthWatch health, String model) {
    this.parts = parts;
    this.endpoints = endpoints;
    this.health = health;
    this.model = model;
  }

  /**
   * Returns when a request can be served.
   *
   * @param stopping whether the start shall be given up; looked at between steps
   * @throws PortTakenException if the ingress' port is in use; nothing was started then
   * @throws dev.tokenbus.embedded.AlreadyRunningException if another process runs on the home
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

  /** As {@link #start}, of what is beneath the apps alone, with topics and catalogue. */
  public static LocalStack startWithoutApps(
      LocalSettings settings, Progress progress, BooleanSupplier stopping) {
    RunningParts parts = new RunningParts(progress, stopping);
    try {
      EmbeddedBackbone backbone = Backbone.start(settings.backbone(), parts, progress);
      LocalEndpoints endpoints = endpoints(settings, backbone);
      AppContext context = context(settings, endpoints, parts, progress);
      endpoints.write(settings.home());
      return new LocalStack(
          parts,
          endpoints,
          HealthWatch.start(parts.snapshot(), progress),
          demonstrationModel(context.catalogue().current()));
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static LocalStack start(LocalSettings settings, Progress progress, RunningParts parts) {
    EmbeddedBackbone backbone = Backbone.start(settings.backbone(), parts, progress);
    backbone.announce(settings.url());
    LocalEndpoints endpoints = endpoints(settings, backbone);
    AppContext context = context(settings, endpoints, parts, progress);
    // In the order in which they are stopped last to first.
    parts.start(
        List.of(
            Apps.projections(context),
            Apps.metering(context),
            Apps.router(context),
            Apps.worker(context)));
    parts.start(
        List.of(
            Apps.ingress(
                context,
                ingress ->
                    context.addresses().get("TOKENBUS_LINGER_MS").isPresent()
                        ? ingress.withPort(settings.port())
                        : ingress.withPort(settings.port()).withLinger(LINGER))));
    parts.awaitHealthy(READY_TIMEOUT);
    endpoints.write(settings.home());
    return new LocalStack(
        parts,
        endpoints,
        HealthWatch.start(parts.snapshot(), progress),
        demonstrationModel(context.catalogue().current()));
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
      LocalSettings settings, LocalEndpoints endpoints, RunningParts parts, Progress progress) {
    parts.giveUpIfStopping();
    long start = System.nanoTime();
    Map<String, String> environment = new HashMap<>(settings.environment());
    environment.putAll(endpoints.asEnvironment());
    AppContext context =
        AppContext.open(Addresses.of(environment), settings.home().stateDirectory());
    parts.adopt(new RunningPart("topics", "", () -> true, context::close));
    String origin = LocalCatalogue.prepare(context, settings, endpoints.key());
    progress.done("topics", Duration.ofNanos(System.nanoTime() - start), "catalogue " + origin);
    return context;
  }

  /** One that works without a key if there is one. */
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

  /** Everything that other tools need to connect, by the names of environment variables. */
  public Map<String, String> environment() {
    return endpoints.asEnvironment();
  }

  /** A model of the catalogue to try this out with. */
  public String demonstrationModel() {
    return model;
  }

  @Override
  public void close() {
    health.close();
    parts.close();
  }
}
