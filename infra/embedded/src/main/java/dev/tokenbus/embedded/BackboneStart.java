package dev.tokenbus.embedded;

import dev.tokenbus.embedded.home.PortBook;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** One start of an {@link EmbeddedBackbone}: each part on its port, its progress told. */
final class BackboneStart {
  private final BackboneSettings settings;
  private final StartProgress progress;
  private final PortBook ports;

  BackboneStart(BackboneSettings settings, StartProgress progress) {
    this.settings = settings;
    this.progress = progress;
    this.ports = PortBook.open(settings.home().resolve("ports.properties"));
  }

  EmbeddedBroker broker() {
    return timed(
        BackbonePart.BROKER,
        () ->
            EmbeddedBroker.start(
                settings
                    .broker()
                    .withPorts(port(BackbonePart.BROKER), ports.choose("controller"))));
  }

  EmbeddedPostgres postgres() {
    return timed(
        BackbonePart.DATABASE,
        () -> {
          // Before the port is looked at: a server that outlived its parent still holds it.
          EmbeddedPostgres.clear(settings.postgres());
          return EmbeddedPostgres.start(settings.postgres().withPort(port(BackbonePart.DATABASE)));
        });
  }

  EmbeddedRegistry registry() {
    return timed(
        BackbonePart.REGISTRY,
        () -> {
          EmbeddedRegistry.clear(settings.registry());
          return EmbeddedRegistry.start(settings.registry().withPort(port(BackbonePart.REGISTRY)));
        });
  }

  private int port(BackbonePart part) {
    Integer fixed = settings.ports().get(part);
    return fixed == null ? ports.choose(part.name().toLowerCase(Locale.ROOT)) : fixed;
  }

  private <T> T timed(BackbonePart part, Supplier<T> start) {
    progress.starting(part);
    long began = System.nanoTime();
    T server = start.get();
    progress.ready(part, Duration.ofNanos(System.nanoTime() - began));
    return server;
  }
}
