package dev.tokenbus.local;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** The port of the ingress is in use; the message names the user of the port if it is known. */
public final class PortTakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private PortTakenException(String message) {
    super(message);
  }

  static void throwIfTaken(LocalSettings settings) {
    if (!LocalPort.isFree(settings.port())) {
      throw new PortTakenException(
          isOurs(settings)
              ? "tokenbus is already running in "
                  + settings.home().directory()
                  + " at "
                  + settings.url()
                  + " (pid "
                  + lockLines(settings).getFirst()
                  + ")"
              : "port "
                  + settings.port()
                  + " of 127.0.0.1 is in use by another program: stop it, or choose another port"
                  + " with --port");
    }
  }

  /** Whether the home's lock file names a living process at this URL. */
  private static boolean isOurs(LocalSettings settings) {
    List<String> lines = lockLines(settings);
    return lines.size() == 2
        && lines.getLast().equals(settings.url())
        && lines.getFirst().matches("[0-9]{1,18}")
        && ProcessHandle.of(Long.parseLong(lines.getFirst())).isPresent();
  }

  private static List<String> lockLines(LocalSettings settings) {
    try {
      return Files.exists(settings.home().lockFile())
          ? Files.readAllLines(settings.home().lockFile())
          : List.of();
    } catch (IOException e) {
      return List.of(); // the owner stays unknown
    }
  }
}
