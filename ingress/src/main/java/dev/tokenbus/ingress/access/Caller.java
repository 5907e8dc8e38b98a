package dev.tokenbus.ingress.access;

import dev.tokenbus.schemas.avro.ClientGone;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The owner of an API key, as the catalogue has it.
 *
 * @param models patterns of the models that the key may use, in which {@code *} stands for any
 *     text; null for all
 * @param clientGone what happens to a request of this caller when its client disconnects
 */
public record Caller(
    String tenant,
    String keyId,
    @Nullable String team,
    @Nullable String user,
    @Nullable List<String> models,
    ClientGone clientGone) {

  /** Whether the key may use the model of this name. */
  public boolean mayUse(String model) {
    return models == null || models.stream().anyMatch(pattern -> matches(pattern, model));
  }

  private static boolean matches(String pattern, String model) {
    String regex =
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return Pattern.matches(regex, model);
  }
}
