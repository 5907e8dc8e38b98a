package dev.tokenbus.embedded.postgres;

import dev.tokenbus.embedded.process.DirectoryTree;
import dev.tokenbus.embedded.process.StartFailedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the archive on the class path ({@code
 * io.zonky.test.postgres}'s binaries).
 *
 * <p>They are unpacked beside their place and renamed into it, under a name made from the archive's
 * contents. So a directory by that name is complete, a new version gets its own, and processes may
 * race for it.
 */
public final class PostgresBinaries {
  private PostgresBinaries() {}

  /**
   * {@return the directory with {@code bin}, {@code lib} and {@code share}, below {@code parent}}
   */
  public static Path unpackInto(Path parent) {
    String resource = resourceName(System.getProperty("os.name"), System.getProperty("os.arch"));
    try (InputStream archive = PostgresBinaries.class.getResourceAsStream(resource)) {
      if (archive == null) {
        throw new StartFailedException(
            "no PostgreSQL programs for this machine on the class path: "
                + resource
                + " is missing",
            null);
      }
      byte[] bytes = archive.readAllBytes();
      Path target = parent.resolve(digest(bytes));
      if (!Files.isDirectory(target)) {
        unpack(bytes, DirectoryTree.createPrivate(parent), target);
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack PostgreSQL into " + parent, e);
    }
  }

  static String resourceName(String os, String architecture) {
    String system = os.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
    String machine =
        switch (architecture) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> architecture;
        };
    return "/postgres-%s-%s.txz".formatted(system, machine);
  }

  private static void unpack(byte[] archive, Path parent, Path target) throws IOException {
    Path unpacking = Files.createTempDirectory(parent, "unpacking");
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new BufferedInputStream(new XZInputStream(new ByteArrayInputStream(archive))))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        write(entry, tar, unpacking);
      }
    }
    try {
      Files.move(unpacking, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      DirectoryTree.delete(unpacking);
      if (!Files.isDirectory(target)) { // otherwise another process was faster
        throw e;
      }
    }
  }

  private static void write(TarArchiveEntry entry, InputStream contents, Path root)
      throws IOException {
    Path path = root.resolve(entry.getName()).normalize();
    if (!path.startsWith(root)) {
      throw new IOException("archive entry outside of its directory: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.resolve("..").normalize());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else {
      Files.copy(contents, path);
      boolean program = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(program ? "rwx------" : "rw-------"));
    }
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(sha256, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
