package dev.tokenbus.workers.pool;

import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.errors.ErrorCode;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderFailure;
import dev.tokenbus.workers.provider.UnusableProvider;
import dev.tokenbus.workers.provider.http.HttpProvider;
import dev.tokenbus.workers.provider.openai.OpenAiDialect;
import dev.tokenbus.workers.provider.simulated.SimulatedProvider;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/**
 * The provider code for each dialect of the catalogue.
 *
 * @param variables looks up the environment variables that hold API keys
 */
record ProviderDialects(Function<String, Optional<String>> variables, InstantSource clock) {
  /** Makes a provider; one that cannot be called says so when it is. */
  Provider provider(ProviderEntry entry) {
    return switch (entry.getDialect()) {
      case "openai" -> HttpProvider.of(new OpenAiDialect(), entry, variables, clock);
      case "simulated" -> SimulatedProvider.of(entry);
      default ->
          new UnusableProvider(
              ProviderFailure.of(
                  ErrorCode.PROVIDER_NOT_CONFIGURED,
                  "Provider "
                      + entry.getName()
                      + " has dialect "
                      + entry.getDialect()
                      + ", which this worker does not know; it knows openai and simulated"));
    };
  }
}
