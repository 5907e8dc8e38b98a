package dev.tokenbus.runtime.catalogue.file;

import dev.tokenbus.runtime.catalogue.KeyHash;
import dev.tokenbus.runtime.config.VariableReferences;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the secret of {@code tenants.<name>.keys.<name>}: by its environment variable or as its
 * hash.
 */
final class KeySection {
  static final String REFUSAL =
      "a secret is given only as \"${NAME}\", the name of an environment variable and nothing else:"
          + " files are shared and committed";

  /**
   * Hashes have no salt, so a key must be too long to be guessed: 20 letters and digits are 119
   * bits.
   */
  private static final int SHORT_KEY = 20;

  private KeySection() {}

  static Optional<String> sha256(CatalogueSection section, Consumer<String> warnings) {
    Optional<String> secret = section.literal("secret");
    Optional<String> hash = section.text("sha256");
    if (section.has("secret") == section.has("sha256")) {
      section.fail("secret", "give either secret or sha256");
      return Optional.empty();
    }
    if (hash.isPresent() && !hash.get().matches("[0-9a-fA-F]{64}")) {
      section.fail("sha256", "is not the SHA-256 of a key: 64 hex digits");
      return Optional.empty();
    }
    return hash.map(text -> text.toLowerCase(Locale.ROOT))
        .or(() -> secret.flatMap(text -> hashOf(text, section, warnings)));
  }

  private static Optional<String> hashOf(
      String text, CatalogueSection section, Consumer<String> warnings) {
    Optional<String> name = VariableReferences.nameAlone(text);
    if (name.isEmpty()) {
      section.fail("secret", REFUSAL);
      return Optional.empty();
    }
    Optional<String> key = section.references().value(name.get());
    if (key.isEmpty()) {
      section.fail("secret", "the environment variable " + name.get() + " is not set");
      return Optional.empty();
    }
    if (!key.get().chars().allMatch(letter -> letter > ' ' && letter < 0x7F)) {
      section.fail(
          "secret",
          "the value of "
              + name.get()
              + " cannot be sent in a header: it has spaces, line ends or letters beyond ASCII");
      return Optional.empty();
    }
    if (key.get().length() < SHORT_KEY) {
      warnings.accept(
          section.path()
              + ".secret: the value of "
              + name.get()
              + " is shorter than "
              + SHORT_KEY
              + " characters and may be guessed");
    }
    return key.map(KeyHash::sha256);
  }
}
