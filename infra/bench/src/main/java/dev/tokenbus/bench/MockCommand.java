package dev.tokenbus.bench;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a {@link MockProvider} until the process is told to stop. */
@Command(
    name = "mock",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a provider with OpenAI's wire format on 127.0.0.1.",
      "A model's name says how it behaves: mock/64x20ms is 64 tokens, one every 20 ms;",
      "mock/64x20ms/cut-10 cuts the connection after ten of them."
    })
public final class MockCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--port", defaultValue = "0", description = "default: a free one")
  private int port;

  @Option(names = "--key", description = "what Authorization: Bearer must carry; default: anything")
  private @Nullable String key;

  @Option(names = "--model", description = "a further model's name; may be repeated")
  private List<String> models = List.of();

  @Option(names = "--tokens", defaultValue = "16", description = "default: ${DEFAULT-VALUE}")
  private int tokens;

  @Option(names = "--delay", defaultValue = "0ms", description = "between tokens, such as 20ms")
  private String delay = "0ms";

  @Option(names = "--first-token-delay", description = "such as 100ms")
  private @Nullable String firstTokenDelay;

  @Option(names = "--answer-delay", description = "of answers that are not streamed")
  private @Nullable String answerDelay;

  @Option(names = "--behaviour", description = "more words, such as crlf/comments")
  private String behaviour = "";

  /** Starts one with these arguments, see {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MockCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    MockOptions options =
        MockOptions.DEFAULT.withPort(port).withModels(models).withBehaviour(behaviour());
    if (key != null) {
      options = options.withApiKey(key);
    }
    try (MockProvider mock = MockProvider.start(options)) {
      spec().commandLine().getOut().println("ready " + mock.baseUrl());
      spec().commandLine().getOut().flush();
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private Behaviour behaviour() {
    StringBuilder words = new StringBuilder();
    words.append(tokens).append('x').append(delay);
    Optional.ofNullable(firstTokenDelay).ifPresent(time -> words.append("/first-").append(time));
    Optional.ofNullable(answerDelay).ifPresent(time -> words.append("/answer-").append(time));
    words.append('/').append(behaviour);
    try {
      return Behaviour.of(words.toString());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec().commandLine(), e.getMessage(), e);
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("run this through picocli");
    }
    return spec;
  }
}
