package dev.tokenbus.embedded.home;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Another process holds the home directory. */
public final class AlreadyRunningException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long pid;
  private final @Nullable String address;

  AlreadyRunningException(Path home, long pid, @Nullable String address) {
    super(
        "already running on %s (pid %s%s)"
            .formatted(home, pid == 0 ? "unknown" : pid, address == null ? "" : ", " + address));
    this.pid = pid;
    this.address = address;
  }

  /** The process that runs there; 0 if it has not yet said so. */
  public long pid() {
    return pid;
  }

  /** What it {@linkplain EmbeddedBackbone#announce announced}. */
  public Optional<String> address() {
    return Optional.ofNullable(address);
  }
}
