package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.DataPolicy;
import dev.tokenbus.schemas.avro.DeploymentEntry;
import dev.tokenbus.schemas.avro.ModelEntry;
import dev.tokenbus.schemas.avro.ModelRoute;
import dev.tokenbus.schemas.avro.ProviderEntry;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One way to serve a model: a provider's model with all that is known of it. What its own entry
 * does not say is as the model's entry has it, or the provider's.
 *
 * @param provider name in the catalogue
 * @param model as the provider knows it
 * @param weight its share of the model's requests where these are shared out by weight
 * @param capabilities {@code vision}, {@code tools} …; without the ways of continuing
 * @param contextWindow tokens of input and output together
 * @param prefill whether it goes on from an answer that stands at the end of the conversation
 * @param instruction whether it may be told in words to go on where an answer stopped
 * @param price {@code provider/model} under which it stands in the price book
 */
public record Deployment(
    String provider,
    String model,
    int weight,
    Set<String> capabilities,
    OptionalLong contextWindow,
    OptionalLong maxOutputTokens,
    boolean prefill,
    boolean instruction,
    Optional<String> region,
    String price,
    Optional<DataPolicy> dataPolicy) {
  private static final String PREFILL = "prefill";
  private static final String INSTRUCTION = "instruction";
  private static final Set<String> CONTINUATION = Set.of(PREFILL, INSTRUCTION);

  public Deployment {
    capabilities = Set.copyOf(capabilities);
  }

  static Deployment of(
      ModelEntry model,
      ModelRoute route,
      @Nullable DeploymentEntry own,
      @Nullable ProviderEntry provider) {
    List<String> words = model.getCapabilities();
    @Nullable List<String> capabilities = own == null ? null : own.getCapabilities();
    @Nullable List<String> continuation = own == null ? null : own.getContinuation();
    List<String> ways = continuation == null ? words : continuation;
    return new Deployment(
        route.getProvider(),
        route.getModel(),
        route.getWeight(),
        (capabilities == null ? words : capabilities)
            .stream().filter(word -> !CONTINUATION.contains(word)).collect(Collectors.toSet()),
        first(own == null ? null : own.getContextWindow(), model.getContextWindow()),
        first(own == null ? null : own.getMaxOutputTokens(), model.getMaxOutputTokens()),
        ways.contains(PREFILL),
        ways.contains(INSTRUCTION),
        text(own == null ? null : own.getRegion(), provider == null ? null : provider.getRegion()),
        text(own == null ? null : own.getPrice(), route.getProvider() + "/" + route.getModel())
            .orElseThrow(),
        Optional.ofNullable(own == null ? null : own.getDataPolicy())
            .or(() -> Optional.ofNullable(provider == null ? null : provider.getDataPolicy())));
  }

  private static OptionalLong first(@Nullable Long own, @Nullable Long models) {
    Long value = own == null ? models : own;
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static Optional<String> text(@Nullable String own, @Nullable String otherwise) {
    return Optional.ofNullable(own == null ? otherwise : own);
  }
}
