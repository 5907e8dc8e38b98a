package dev.tokenbus.workers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.MockText;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.AttemptFinished;
import dev.tokenbus.schemas.avro.AttemptOutcome;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkerAppIT {
  private Backbone backbone;
  private MockProvider mock;
  private WorkerApp worker;

  @BeforeAll
  void start(@TempDir Path directory) {
    mock = MockProvider.start();
    backbone = new Backbone(directory, Map.of());
    backbone.serve(Samples.openai("mock", mock.baseUrl(), 100));
    worker = backbone.worker("w1");
  }

  @AfterAll
  void stop() {
    worker.close();
    backbone.close();
    mock.close();
  }

  @Test
  void writesTheAnswerOfADispatchedAttempt() {
    RequestId request = Backbone.newRequest();

    backbone.dispatch(
        Samples.dispatched(request, 1, "mock", "mock/20x5ms", Samples.ask("Say it", true)));

    AttemptFinished finished = backbone.finished(request, 1);
    assertThat(finished.getOutcome()).isEqualTo(AttemptOutcome.SUCCEEDED);
    Transcript transcript = backbone.transcript(request);
    assertThat(transcript.text()).isEqualTo(MockText.text("Say it", 20));
    assertThat(transcript.ended()).isTrue();
  }
}
