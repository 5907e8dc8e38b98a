package dev.tokenbus.embedded.home;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The right to use a home directory. The operating system holds it and takes it back when the
 * process ends, however it ends; the file's text only tells others who has it.
 */
public final class HomeLock implements AutoCloseable {
  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the directory for this process.
   *
   * @throws AlreadyRunningException when another process, or another caller in this one, has it
   */
  public static HomeLock take(Path home) {
    Path file = home.resolve("lock");
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw holderOf(file, home);
      }
      HomeLock lock = new HomeLock(channel);
      lock.write(String.valueOf(ProcessHandle.current().pid()));
      return lock;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot lock " + file, e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this very process
    }
  }

  private static AlreadyRunningException holderOf(Path file, Path home) throws IOException {
    List<String> lines = Files.readAllLines(file);
    long pid =
        !lines.isEmpty() && lines.getFirst().matches("\\d{1,18}")
            ? Long.parseLong(lines.getFirst())
            : 0;
    return new AlreadyRunningException(home, pid, lines.size() > 1 ? lines.get(1) : null);
  }

  public void announce(String address) {
    write(ProcessHandle.current().pid() + "\n" + address);
  }

  private void write(String text) {
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the lock file", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close(); // releases the lock
    } catch (IOException e) {
      throw new UncheckedIOException("cannot release the lock file", e);
    }
  }
}
