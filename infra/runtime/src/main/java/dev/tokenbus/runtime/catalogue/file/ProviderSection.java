package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.runtime.config.ProviderSecrets;
import dev.tokenbus.runtime.config.VariableReferences;
import dev.tokenbus.schemas.avro.ProviderEntry;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads {@code providers.<name>}. */
final class ProviderSection {
  private static final String OPENAI = "openai";
  private static final String OPENAI_URL = "https://api.openai.com/v1";
  private static final Set<String> DIALECTS = new TreeSet<>(Set.of(OPENAI, "simulated"));
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final int MOST_SLOTS = 100_000;

  private ProviderSection() {}

  /** Empty if the section has no usable dialect; every problem is reported. */
  static Optional<ProviderEntry> read(
      String name, CatalogueSection section, Consumer<String> warnings) {
    ProviderEntry.Builder provider = ProviderEntry.newBuilder().setName(name);
    Optional<String> dialect = dialect(section);
    Optional<URI> url = url(section);
    List<String> keyVariables = keyVariables(section);
    warnOfVariables(section, keyVariables, warnings);
    url.map(URI::toString)
        .or(() -> dialect.filter(OPENAI::equals).map(_ -> OPENAI_URL))
        .ifPresent(provider::setBaseUrl);
    if (!keyVariables.isEmpty()) {
      provider.setApiKeyVariable(keyVariables.getFirst());
      provider.setApiKeyVariables(keyVariables);
    }
    if (!keyVariables.isEmpty() && url.filter(ProviderSection::isReadableByOthers).isPresent()) {
      warnings.accept(
          section.path()
              + ".base-url: the api-key travels unencrypted over http to another machine;"
              + " use https");
    }
    section
        .positive("slots", MOST_SLOTS)
        .ifPresent(slots -> provider.setSlots(Math.toIntExact(slots)));
    section.mapping("timeouts").ifPresent(timeouts -> timeouts(timeouts, provider));
    provider.setOptions(section.textMap("options"));
    LimitsSection.capacity(section, "capacity").ifPresent(provider::setCapacity);
    section.text("region").ifPresent(provider::setRegion);
    DeploymentSection.dataPolicy(section).ifPresent(provider::setDataPolicy);
    NotYet.warn(section, warnings, "capacity");
    return dialect.map(value -> provider.setDialect(value).build());
  }

  private static void timeouts(CatalogueSection section, ProviderEntry.Builder provider) {
    section.millis("connect").ifPresent(provider::setConnectTimeoutMs);
    section.millis("first-token").ifPresent(provider::setFirstTokenTimeoutMs);
    section.millis("stall").ifPresent(provider::setStallTimeoutMs);
    section.finish();
  }

  private static Optional<String> dialect(CatalogueSection section) {
    return section
        .requiredText("dialect")
        .filter(dialect -> {
          boolean known = DIALECTS.contains(dialect);
          if (!known) {
            section.fail(
                "dialect",
                "no dialect named " + dialect + "; known: " + String.join(", ", DIALECTS));
          }
          return known;
        });
  }

  private static Optional<URI> url(CatalogueSection section) {
    return section
        .text("base-url")
        .flatMap(text -> {
          @Nullable String problem = problemOf(text);
          if (problem != null) {
            section.fail("base-url", problem);
            return Optional.empty();
          }
          return Optional.of(URI.create(text));
        });
  }

  private static @Nullable String problemOf(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      return "is not a URL: " + e.getReason();
    }
    if (url.getRawUserInfo() != null) {
      return "carries a credential: put it into api-key as a reference to an environment variable";
    }
    boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    if (!web || url.getHost() == null) {
      return "\"" + text + "\" is not a URL of the form https://host/path";
    }
    if (url.getRawQuery() != null || url.getRawFragment() != null) {
      return "\"" + text + "\" has a query or fragment; a base URL ends with its path";
    }
    return null;
  }

  private static List<String> keyVariables(CatalogueSection section) {
    Optional<String> one = section.literal("api-key");
    List<String> several = section.literals("api-keys");
    if (section.has("api-key") && section.has("api-keys")) {
      section.fail("api-keys", "stands beside api-key: give one or the other");
      return List.of();
    }
    String key = one.isPresent() ? "api-key" : "api-keys";
    List<String> names = new ArrayList<>();
    for (String text : one.map(List::of).orElse(several)) {
      VariableReferences.nameAlone(text)
          .ifPresentOrElse(names::add, () -> section.fail(key, KeySection.REFUSAL));
    }
    return names;
  }

  private static void warnOfVariables(
      CatalogueSection section, List<String> names, Consumer<String> warnings) {
    for (String name : names) {
      if (!ProviderSecrets.isAllowedByDefault(name)) {
        warnings.accept(
            section.path()
                + ": workers look up "
                + name
                + " only where "
                + ProviderSecrets.ALLOWED
                + " names it; names that begin with "
                + ProviderSecrets.PREFIX
                + " need no such permission");
      }
    }
    if (names.size() > 1) {
      NotYet.warn(section, warnings, "api-keys");
    }
  }

  private static boolean isReadableByOthers(URI url) {
    return "http".equals(url.getScheme()) && !LOOPBACK.contains(url.getHost());
  }
}
