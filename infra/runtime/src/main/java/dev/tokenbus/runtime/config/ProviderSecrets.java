package dev.tokenbus.runtime.config;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The environment variables of a worker that a catalogue may name as keys of providers. Whoever may
 * change the catalogue also chooses the address a key is sent to, so it must not be able to name
 * any variable there is: a database's password, for example.
 *
 * <p>Allowed are all names that begin with {@value #PREFIX}, and those that the variable {@value
 * #ALLOWED} lists, separated by commas. Where it is not set, the usual names of providers' own SDKs
 * are allowed; where it is set, it replaces them, and an empty list allows none.
 *
 * <p>Immutable and thread-safe.
 */
public final class ProviderSecrets {
  public static final String PREFIX = "TOKENBUS_PROVIDER_";
  public static final String ALLOWED = "TOKENBUS_WORKER_KEY_VARIABLES";

  private static final Set<String> USUAL =
      Set.of(
          "OPENAI_API_KEY",
          "AZURE_OPENAI_API_KEY",
          "ANTHROPIC_API_KEY",
          "GEMINI_API_KEY",
          "GOOGLE_API_KEY",
          "MISTRAL_API_KEY",
          "COHERE_API_KEY",
          "CO_API_KEY",
          "DEEPSEEK_API_KEY",
          "GROQ_API_KEY",
          "XAI_API_KEY",
          "OPENROUTER_API_KEY",
          "TOGETHER_API_KEY",
          "FIREWORKS_API_KEY",
          "PERPLEXITY_API_KEY",
          "NVIDIA_API_KEY",
          "CEREBRAS_API_KEY",
          "HF_TOKEN",
          "VOYAGE_API_KEY",
          "JINA_API_KEY",
          "DASHSCOPE_API_KEY",
          "AWS_BEARER_TOKEN_BEDROCK",
          "TAVILY_API_KEY");

  private final Set<String> allowed;
  private final Function<String, Optional<String>> variables;

  private ProviderSecrets(Set<String> allowed, Function<String, Optional<String>> variables) {
    this.allowed = Set.copyOf(allowed);
    this.variables = variables;
  }

  /** Reads {@value #ALLOWED}; the keys themselves are looked up when they are asked for. */
  public static ProviderSecrets of(Addresses addresses) {
    String list = addresses.asMap().get(ALLOWED);
    Set<String> allowed =
        list == null
            ? USUAL
            : Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    return new ProviderSecrets(allowed, addresses::get);
  }

  /** Whether a catalogue may name the variable here. */
  public boolean isAllowed(String name) {
    return name.startsWith(PREFIX) || allowed.contains(name);
  }

  /** Whether it may where {@value #ALLOWED} is not set. */
  public static boolean isAllowedByDefault(String name) {
    return name.startsWith(PREFIX) || USUAL.contains(name);
  }

  /** The key; empty if the variable is not set, is blank, or may not be named. */
  public Optional<String> get(String name) {
    return isAllowed(name) ? variables.apply(name) : Optional.empty();
  }
}
