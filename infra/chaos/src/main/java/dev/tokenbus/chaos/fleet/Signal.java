package dev.tokenbus.chaos.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;

/** POSIX signals. Java itself can send only two of them. */
public enum Signal {
  KILL,
  TERM,
  /** Fast shutdown of a PostgreSQL server. */
  INT,
  STOP,
  CONT;

  /**
   * Sends it to a process.
   *
   * @return whether there was such a process
   */
  public boolean send(long pid) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-s", name(), Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return kill.waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException("The program kill cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while sending " + name(), e);
    }
  }
}
