package dev.tokenbus.local;

import dev.tokenbus.embedded.BackbonePart;
import dev.tokenbus.embedded.BackboneSettings;
import dev.tokenbus.embedded.EmbeddedBackbone;
import dev.tokenbus.embedded.Endpoints;
import dev.tokenbus.embedded.StartProgress;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Starts broker, database and schema registry of a home as parts of this process. */
final class Backbone {
  private Backbone() {}

  /**
   * Starts them and adds them to the parts.
   *
   * @throws dev.tokenbus.embedded.AlreadyRunningException if another process runs on the home
   */
  static EmbeddedBackbone start(BackboneSettings settings, RunningParts parts, Progress progress) {
    EmbeddedBackbone backbone = EmbeddedBackbone.start(settings, told(progress));
    Endpoints endpoints = backbone.endpoints();
    // One owner: the first of the three is stopped last, and with it all of them.
    parts.adopt(
        part(BackbonePart.BROKER, "kafka://" + endpoints.bootstrapServers(), backbone::close));
    parts.adopt(part(BackbonePart.DATABASE, endpoints.databaseUrl(), () -> {}));
    parts.adopt(part(BackbonePart.REGISTRY, endpoints.schemaRegistryUrl(), () -> {}));
    return backbone;
  }

  private static RunningPart part(BackbonePart part, String url, Runnable stop) {
    int port = URI.create(url).getPort();
    return new RunningPart(part.label(), "127.0.0.1:" + port, () -> LocalPort.answers(port), stop);
  }

  private static StartProgress told(Progress progress) {
    progress.say(
        "starting "
            + String.join(
                ", ", List.of(BackbonePart.values()).stream().map(BackbonePart::label).toList()));
    return new StartProgress() {
      @Override
      public void starting(BackbonePart part) {}

      @Override
      public void ready(BackbonePart part, Duration took) {
        progress.done(part.label(), took, "");
      }
    };
  }
}
