package dev.tokenbus.embedded.home;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers which port a server had, so that addresses handed to other programs outlive a restart.
 * Thread-safe.
 */
public final class PortBook {
  private static final Logger log = LoggerFactory.getLogger(PortBook.class);

  private final Path file;
  private final Properties ports = new Properties();

  private PortBook(Path file) {
    this.file = file;
  }

  public static PortBook open(Path file) {
    PortBook book = new PortBook(file);
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        book.ports.load(reader);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }
    return book;
  }

  /** The last port of {@code name} if it is free, else a free one, which is remembered. */
  public synchronized int choose(String name) {
    int last = remembered(name);
    if (last != 0 && LoopbackPorts.isFree(last)) {
      return last;
    }
    int port =
        LoopbackPorts.free(
            ports.stringPropertyNames().stream().map(this::remembered).toArray(Integer[]::new));
    if (last != 0) {
      log.atWarn()
          .addKeyValue("server", name)
          .addKeyValue("taken", last)
          .addKeyValue("port", port)
          .log("the port of the last start is taken, using another");
    }
    ports.setProperty(name, String.valueOf(port));
    save();
    return port;
  }

  private int remembered(String name) {
    String text = ports.getProperty(name, "0");
    return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
  }

  private void save() {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    try {
      try (Writer writer = Files.newBufferedWriter(unfinished)) {
        ports.store(writer, null);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
