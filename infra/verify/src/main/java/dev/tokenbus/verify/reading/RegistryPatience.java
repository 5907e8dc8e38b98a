package dev.tokenbus.verify.reading;

import dev.tokenbus.schemas.serde.Decoded;
import java.time.Duration;
import java.util.function.Supplier;

/** Asks again while the schema registry is away, but not for ever. Not thread-safe. */
final class RegistryPatience {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** Decodes until the registry has answered; returns {@code RegistryDown} after a minute. */
  <T> Decoded<T> await(Supplier<Decoded<T>> decode) {
    long end = System.nanoTime() + LIMIT.toNanos();
    Decoded<T> decoded = decode.get();
    while (decoded instanceof Decoded.RegistryDown<T> && System.nanoTime() < end) {
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return decoded;
      }
      decoded = decode.get();
    }
    return decoded;
  }
}
