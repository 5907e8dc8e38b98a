package dev.tokenbus.cli;

import dev.tokenbus.bench.provider.MockOptions;
import dev.tokenbus.bench.provider.MockProvider;
import dev.tokenbus.local.Home;
import dev.tokenbus.local.LocalSettings;
import dev.tokenbus.local.LocalStack;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One {@link LocalStack} for all tests of a run, with a mock provider behind it: starting it takes
 * seconds. A test class takes it as a parameter.
 */
final class LocalStackFixture implements BeforeAllCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(LocalStackFixture.class);
  private static final String PROVIDER_KEY = "sk-of-the-provider";

  /** What runs. */
  record Running(LocalStack stack, Home home, MockProvider mock) implements AutoCloseable {
    @Override
    public void close() {
      stack.close();
      mock.close();
      TestDirectories.delete(home.directory());
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running(context);
  }

  private static Running running(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent("stack", _ -> start(), Running.class);
  }

  private static Running start() {
    MockProvider mock = MockProvider.start(MockOptions.DEFAULT.withApiKey(PROVIDER_KEY));
    Home home = new Home(TestDirectories.create());
    Map<String, String> environment = Map.of("TOKENBUS_PROVIDER_MOCK_KEY", PROVIDER_KEY);
    CatalogueFile catalogue =
        CatalogueFile.parse("test", catalogue(mock), environment, Instant.now());
    LocalSettings settings =
        new LocalSettings(home, TestPorts.free(), Map.of(), Optional.of(catalogue), environment);
    LocalStack stack = LocalStack.start(settings, System.out::println, () -> false);
    return new Running(stack, home, mock);
  }

  /** Two models on two providers, and one that calls tools. */
  static String catalogue(MockProvider mock) {
    return """
    providers:
      simulated: { dialect: simulated }
      mock: { dialect: openai, base-url: "%s", api-key: "${TOKENBUS_PROVIDER_MOCK_KEY}" }
    models:
      simulated: { provider: simulated }
      text: { provider: mock, model: mock/30x5ms }
      tools: { provider: mock, model: mock/tools-2 }
    """
        .formatted(mock.baseUrl());
  }
}
