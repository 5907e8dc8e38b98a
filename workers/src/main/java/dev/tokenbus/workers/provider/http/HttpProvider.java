package dev.tokenbus.workers.provider.http;

import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderCall;
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
 * A provider that is called over HTTP/1.1, with connections that are kept and reused. Answers are
 * parsed where the client's executor delivers their bytes; no thread belongs to a stream. The
 * executor's threads are virtual, so a listener that blocks stops the reading of its own connection
 * and nothing else.
 */
public final class HttpProvider implements Provider {
  private static final Logger LOG = LoggerFactory.getLogger(HttpProvider.class);

  private final HttpDialect dialect;
  private final Endpoint endpoint;
  private final InstantSource clock;
  private final ExecutorService threads;
  private final HttpClient http;

  private HttpProvider(
      HttpDialect dialect, Endpoint endpoint, InstantSource clock, Duration connectTimeout) {
    this.dialect = dialect;
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
      HttpDialect dialect,
      ProviderEntry entry,
      Function<String, Optional<String>> variables,
      InstantSource clock) {
    String name = entry.getName();
    String variable = entry.getApiKeyVariable();
    String key = null;
    if (variable != null) {
      key = variables.apply(variable).map(String::strip).orElse("");
      if (key.isEmpty()) {
        return unusable(
            name,
            "has no API key",
            variable + " is not set for this worker, or not among the variables that may be named");
      }
      if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        return unusable(
            name,
            "cannot use its API key",
            variable + " holds characters that no HTTP header may contain");
      }
    }
    Optional<URI> url = baseUrl(entry.getBaseUrl());
    if (url.isEmpty()) {
      return unusable(
          name,
          "has no usable address",
          "it needs a base-url with http or https, and has " + entry.getBaseUrl());
    }
    if (key != null && !url.get().getScheme().equals("https") && !isLoopback(url.get())) {
      LOG.atWarn()
          .addKeyValue("provider", name)
          .addKeyValue("host", url.get().getHost())
          .log("the API key of this provider travels in plain text: its base-url has no https");
    }
    return new HttpProvider(
        dialect,
        new Endpoint(name, url.get(), key, variable),
        clock,
        Duration.ofMillis(Math.max(1, entry.getConnectTimeoutMs())));
  }

  /**
   * @param fault what clients may read
   * @param detail what names variables and addresses: for the log alone
   */
  private static Provider unusable(String name, String fault, String detail) {
    LOG.atWarn()
        .addKeyValue("provider", name)
        .addKeyValue("fault", fault)
        .addKeyValue("detail", detail)
        .log("provider cannot be used");
    return new UnusableProvider(
        ProviderFailure.of(
            ErrorCode.PROVIDER_NOT_CONFIGURED,
            "Provider " + name + " " + fault + "; the log of the workers says what is missing"));
  }

  private static Optional<URI> baseUrl(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      URI url = URI.create(text.strip().replaceAll("/+$", ""));
      boolean http = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
      return http && url.getHost() != null ? Optional.of(url) : Optional.empty();
    } catch (IllegalArgumentException e) {
      LOG.atWarn().addKeyValue("base_url", text).setCause(e).log("a base-url is not a URL");
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
  public ProviderCall start(ProviderRequest request, AnswerListener listener) {
    HttpCall call = new HttpCall(dialect, endpoint, clock, dialect.reader(request), listener);
    HttpRequest written;
    try {
      written = dialect.request(endpoint, request);
    } catch (InexpressibleException e) {
      // Another provider's dialect may have words for it.
      call.fail(
          new ProviderFailure(
              ErrorCode.PROVIDER_REJECTED,
              String.valueOf(e.getMessage()),
              e.param(),
              null,
              null,
              null));
      return call;
    }
    call.follow(http.sendAsync(SentNotice.on(written, listener::onSent), call));
    return call;
  }

  @Override
  public String dialect() {
    return dialect.name();
  }

  @Override
  public void close() {
    http.shutdownNow();
    threads.shutdown();
  }
}
