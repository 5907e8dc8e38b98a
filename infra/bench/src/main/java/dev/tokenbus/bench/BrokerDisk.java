package dev.tokenbus.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The log segments of a broker on this machine. Its index files are left out: they are allocated in
 * advance and say nothing of what was written.
 *
 * @param directory of the broker's data
 */
record BrokerDisk(Path directory) {
  private static final String SEGMENT = ".log";

  /** The broker of a home of {@code tokenbus up}. */
  static BrokerDisk of(Path home) {
    return new BrokerDisk(home.resolve("kafka"));
  }

  /** Bytes of all segments now. */
  long bytes() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(SEGMENT))
          .mapToLong(BrokerDisk::size)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException("The broker's segments cannot be read", e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0; // removed while we look
    } catch (IOException e) {
      throw new UncheckedIOException("The broker's segments cannot be read", e);
    }
  }
}
