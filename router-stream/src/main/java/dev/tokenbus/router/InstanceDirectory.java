package dev.tokenbus.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A directory for one instance of an app among several that were given the same parent: the first
 * whose lock is free. After a restart an instance finds what it, or another one that is gone, has
 * left there.
 *
 * <p>Not thread-safe.
 */
final class InstanceDirectory implements AutoCloseable {
  private static final int MAX_INSTANCES = 1_000;

  private final Path path;
  private final FileChannel channel;

  private InstanceDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * @throws UncheckedIOException if the parent cannot be written to
   */
  static InstanceDirectory claim(Path parent) {
    try {
      for (int number = 0; number < MAX_INSTANCES; number++) {
        Path path = Files.createDirectories(parent.resolve(String.valueOf(number)));
        FileChannel channel =
            FileChannel.open(
                path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (locked(channel)) {
          return new InstanceDirectory(path, channel);
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make a directory for state in " + parent, e);
    }
    throw new IllegalStateException(
        "All " + MAX_INSTANCES + " directories for state in " + parent + " are in use");
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // by another instance in this process
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot release " + path, e);
    }
  }
}
