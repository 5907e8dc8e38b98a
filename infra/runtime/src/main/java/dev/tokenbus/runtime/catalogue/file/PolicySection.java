package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.schemas.avro.CachePolicy;
import dev.tokenbus.schemas.avro.PolicyEntry;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads {@code policies.<name>}. */
final class PolicySection {
  private static final long MOST_ATTEMPTS = 100;
  private static final long MOST_TOKENS = 1_000_000_000L;

  private PolicySection() {}

  static PolicyEntry read(
      String name, CatalogueSection section, Names names, Consumer<String> warnings) {
    PolicyEntry.Builder policy = PolicyEntry.newBuilder().setId(name);
    section
        .positive("max-attempts", MOST_ATTEMPTS)
        .ifPresent(count -> policy.setMaxAttempts(count.intValue()));
    section
        .value("max-losses", Formats.number(0, MOST_ATTEMPTS))
        .ifPresent(count -> policy.setMaxLosses(count.intValue()));
    section.millis("backoff").ifPresent(policy::setBackoffMs);
    section.millis("max-backoff").ifPresent(policy::setMaxBackoffMs);
    section.millis("deadline").ifPresent(policy::setDeadlineMs);
    section.millis("idempotency").ifPresent(policy::setIdempotencyMs);
    clientGone(section).ifPresent(policy::setClientGone);
    section.value("continue-streams", Formats::flag).ifPresent(policy::setContinueStreams);
    section
        .value("continue-by-instruction", Formats::flag)
        .ifPresent(policy::setContinueByInstruction);
    section.value("hold-tool-calls", Formats::flag).ifPresent(policy::setHoldToolCalls);
    section
        .mapping("timeouts")
        .ifPresent(timeouts -> {
          timeouts.millis("connect").ifPresent(policy::setConnectTimeoutMs);
          timeouts.millis("first-token").ifPresent(policy::setFirstTokenTimeoutMs);
          timeouts.millis("stall").ifPresent(policy::setStallTimeoutMs);
          timeouts.finish();
        });
    section.positive("max-output", MOST_TOKENS).ifPresent(policy::setMaxOutputTokens);
    strategy(section).ifPresent(policy::setStrategy);
    names.reference(Names.Kind.TIER, section, "tier").ifPresent(policy::setTier);
    section.text("reasoning-effort").ifPresent(policy::setReasoningEffort);
    section.text("prompt-template").ifPresent(policy::setPromptTemplate);
    section.millis("hedge-after").ifPresent(policy::setHedgeAfterMs);
    cache(section).ifPresent(policy::setCache);
    NotYet.warn(
        section,
        warnings,
        "client-gone",
        "hold-tool-calls",
        "strategy",
        "tier",
        "reasoning-effort",
        "prompt-template",
        "hedge-after",
        "cache");
    return policy.build();
  }

  static Optional<String> clientGone(CatalogueSection section) {
    return section.value("client-gone", Formats.word("continue", "cancel"));
  }

  static Optional<String> strategy(CatalogueSection section) {
    return section.value(
        "strategy", Formats.word("cheapest", "fastest", "balanced", "weighted", "even", "pinned"));
  }

  static Optional<CachePolicy> cache(CatalogueSection section) {
    return section
        .mapping("cache")
        .map(cache -> {
          CachePolicy.Builder read = CachePolicy.newBuilder();
          cache.millis("ttl").ifPresent(read::setTtlMs);
          cache.finish();
          return read.build();
        });
  }
}
