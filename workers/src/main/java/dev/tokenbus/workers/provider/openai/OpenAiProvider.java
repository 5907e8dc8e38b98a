package dev.tokenbus.workers.provider.openai;

import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Call;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.UnusableProvider;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A provider that speaks OpenAI's chat completions over HTTP/1.1, with connections that are kept
 * and reused. Answers are parsed where the client's executor delivers their bytes; no thread
 * belongs to a stream. The executor's threads are virtual, so a listener that blocks stops the
 * reading of its own connection and nothing else.
 */
public final class OpenAiProvider implements Provider {
  private static final Logger LOG = LoggerFactory.getLogger(OpenAiProvider.class);

  private final Endpoint endpoint;
  private final InstantSource clock;
  private final ExecutorService threads;
  private final HttpClient http;

  private OpenAiProvider(Endpoint endpoint, InstantSource clock, Duration connectTimeout) {
    this.endpoint = endpoint;
    this.clock = clock;
    threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("provider-" + endpoint.provider() + "-", 0).factory());
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .executor(threads)
            .build();
  }

  /**
   * Makes the provider of a catalogue entry.
   *
   * @param variables looks up the environment variable that holds the API key
   * @return a provider that says what is missing, where the entry or the environment is not
   *     complete
   */
  public static Provider of(
      ProviderEntry entry, Function<String, Optional<String>> variables, InstantSource clock) {
    String name = entry.getName();
    String variable = entry.getApiKeyVariable();
    String key = null;
    if (variable != null) {
      key = variables.apply(variable).map(String::strip).orElse("");
      if (key.isEmpty()) {
        return unusable(
            "Provider " + name + " needs its API key: set " + variable + " for the workers");
      }
      if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        return unusable(
            "Provider "
                + name
                + " cannot use its API key: "
                + variable
                + " holds characters that"
                + " no HTTP header may");
      }
    }
    Optional<URI> url = chatCompletions(entry.getBaseUrl());
    if (url.isEmpty()) {
      return unusable(
          "Provider "
              + name
              + " needs a base-url with http or https, and has "
              + entry.getBaseUrl());
    }
    if (key != null && !url.get().getScheme().equals("https") && !isLoopback(url.get())) {
      LOG.atWarn()
          .addKeyValue("provider", name)
          .addKeyValue("host", url.get().getHost())
          .log("the API key of this provider travels in plain text: its base-url has no https");
    }
    return new OpenAiProvider(
        new Endpoint(name, url.get(), key, variable),
        clock,
        Duration.ofMillis(Math.max(1, entry.getConnectTimeoutMs())));
  }

  private static Provider unusable(String message) {
    return new UnusableProvider(ProviderFailure.of(ErrorCode.PROVIDER_NOT_CONFIGURED, message));
  }

  private static Optional<URI> chatCompletions(@Nullable String baseUrl) {
    if (baseUrl == null) {
      return Optional.empty();
    }
    try {
      URI url = URI.create(baseUrl.strip().replaceAll("/+$", "") + "/chat/completions");
      boolean http = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      return http && url.getHost() != null ? Optional.of(url) : Optional.empty();
    } catch (IllegalArgumentException e) {
      LOG.atWarn().addKeyValue("base_url", baseUrl).setCause(e).log("not a URL");
      return Optional.empty();
    }
  }

  private static boolean isLoopback(URI url) {
    String host = url.getHost().toLowerCase(Locale.ROOT);
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.startsWith("127.")
        || host.equals("[::1]");
  }

  @Override
  public Call start(ProviderRequest request, AnswerListener listener) {
    OpenAiCall call = new OpenAiCall(endpoint, clock, request, listener);
    HttpRequest http;
    try {
      http = endpoint.request(request);
    } catch (IllegalArgumentException e) {
      // Something in the request that this dialect has no words for; a provider of another dialect
      // may have.
      call.fail(ProviderFailure.of(ErrorCode.PROVIDER_REJECTED, String.valueOf(e.getMessage())));
      return call;
    }
    call.follow(this.http.sendAsync(http, call));
    return call;
  }

  @Override
  public void close() {
    http.shutdownNow();
    threads.shutdown();
  }
}
