package dev.tokenbus.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Directories that only their owner can enter. */
public final class DirectoryTree {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private DirectoryTree() {}

  /**
   * Creates {@code directory} and its missing parents, each with mode 700; what exists keeps its
   * mode.
   */
  public static Path createPrivate(Path directory) {
    try {
      return Files.createDirectories(directory, OWNER_ONLY);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + directory, e);
    }
  }

  /** Creates the directory that {@code file} is to stand in. */
  public static void createPrivateFor(Path file) {
    Path parent = file.getParent();
    if (parent != null) {
      createPrivate(parent);
    }
  }

  /**
   * A directory for what the temporary servers of this user share, below the system's temporary
   * directory. Everybody may write there, so one that somebody else put in its place is not taken.
   */
  public static Path sharedTemporary(String name) {
    String user = System.getProperty("user.name");
    Path directory = Path.of(System.getProperty("java.io.tmpdir"), "tokenbus-" + user);
    createPrivate(directory);
    try {
      boolean ours =
          Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
              && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).getName().equals(user);
      return ours ? directory.resolve(name) : createTemporary(name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + directory, e);
    }
  }

  public static Path createTemporary(String prefix) {
    try {
      return Files.createTempDirectory(prefix, OWNER_ONLY);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a temporary directory", e);
    }
  }

  /**
   * Deletes {@code root} and all below it, without following links. Nothing happens when it is
   * absent.
   */
  public static void delete(Path root) {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      Files.walkFileTree(root, new Deletion());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + root, e);
    }
  }

  public static void deleteIfPresent(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + file, e);
      }
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
