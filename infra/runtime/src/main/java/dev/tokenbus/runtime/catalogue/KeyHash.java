package dev.tokenbus.runtime.catalogue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The form in which API keys stand in the catalogue. Without salt or stretching, since it is
 * computed for every request: keys are long random texts, which cannot be guessed.
 */
public final class KeyHash {
  private KeyHash() {}

  /** SHA-256 of the key's UTF-8 bytes, as 64 lower-case hex digits. */
  public static String sha256(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
