package dev.tokenbus.cli.command;

import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.local.Home;
import dev.tokenbus.runtime.config.Addresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --home}, and the addresses that follow from it. */
final class HomeOption {
  private static final List<String> ADDRESSES =
      List.of(
          Addresses.URL,
          Addresses.API_KEY,
          Addresses.KAFKA,
          Addresses.REGISTRY,
          Addresses.DATABASE);

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = {
        "Where everything is kept.",
        "Default: TOKENBUS_HOME, or .tokenbus in the checkout."
      })
  private @Nullable Path directory;

  Home home(Session session) {
    return new Home(
        Optional.ofNullable(directory)
            .or(() ->
                Optional.ofNullable(session.environment().get(Home.VARIABLE))
                    .filter(value -> !value.isBlank())
                    .map(Path::of))
            .orElse(session.defaultHome()));
  }

  /**
   * Addresses of the home and the environment. The environment wins over a home that is only the
   * default, and a home that the command line names over the environment.
   */
  Addresses addresses(Session session) {
    Map<String, String> environment = new HashMap<>(session.environment());
    Path home = home(session).directory();
    try {
      if (directory != null) {
        Addresses named = Addresses.of(Map.of(), home);
        ADDRESSES.forEach(name -> named.get(name).ifPresent(_ -> environment.remove(name)));
      }
      return Addresses.of(environment, home);
    } catch (IOException e) {
      throw new UncheckedIOException("The addresses in " + home + " cannot be read", e);
    }
  }
}
