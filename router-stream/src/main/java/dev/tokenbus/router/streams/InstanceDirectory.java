package dev.tokenbus.router.streams;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A state directory for one of several instances with the same parent: the first whose lock is
 * free. After a restart an instance finds the state that it, or an instance that has stopped, has
 * left there.
 *
 * <p>Not thread-safe.
 */
public final class InstanceDirectory implements AutoCloseable {
  private static final int MAX_INSTANCES = 1_000;

  private final Path path;
  private final FileChannel channel;

  private InstanceDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Locks the first directory that is free, and creates it where it is missing.
   *
   * @throws UncheckedIOException if the parent cannot be written to
   */
  public static InstanceDirectory claim(Path parent) {
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
      return false; // locked by another instance in this process
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
