package dev.tokenbus.local;

import dev.tokenbus.embedded.BackbonePart;
import dev.tokenbus.embedded.BackboneSettings;
import dev.tokenbus.embedded.EmbeddedBackbone;
import dev.tokenbus.embedded.Endpoints;
import dev.tokenbus.embedded.StartProgress;
import dev.tokenbus.runtime.lifecycle.Progress;
import dev.tokenbus.runtime.lifecycle.RunningPart;
import dev.tokenbus.runtime.lifecycle.RunningParts;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Starts broker, database and schema registry of a home as parts of this process. */
final class BackboneParts {
  private BackboneParts() {}

  /**
   * Starts them and adds them to the parts.
   *
   * @throws dev.tokenbus.embedded.home.AlreadyRunningException if another process runs on the home
   */
  static EmbeddedBackbone start(BackboneSettings settings, RunningParts parts, Progress progress) {
    EmbeddedBackbone backbone = EmbeddedBackbone.start(settings, reporting(progress));
    Endpoints endpoints = backbone.endpoints();
    // The backbone stops all three at once, so only the part that stops last closes it.
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

  private static StartProgress reporting(Progress progress) {
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
