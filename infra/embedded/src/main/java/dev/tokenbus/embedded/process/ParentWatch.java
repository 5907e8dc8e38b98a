package dev.tokenbus.embedded.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A shell that stops a detached server when this JVM is gone, however it went: it waits on a pipe
 * from us, which the kernel closes even after SIGKILL. {@link #close} calls it off.
 *
 * <p>It names the server by process id and by the file that the server keeps its id in, so that it
 * can never stop a successor that a new JVM started on the same directory.
 */
public final class ParentWatch implements AutoCloseable {
  /**
   * $1: process id; $2: file with the id in its first line. Ctrl-C in a terminal reaches us too:
   * not our call.
   */
  private static final String SCRIPT =
      """
      trap '' INT HUP QUIT TERM
      read -r line && exit 0
      [ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ] && kill -INT "$1"
      """;

  private final Process shell;

  private ParentWatch(Process shell) {
    this.shell = shell;
  }

  public static ParentWatch over(long pid, Path pidFile) {
    List<String> command =
        List.of("/bin/sh", "-c", SCRIPT, "tokenbus-watch", String.valueOf(pid), pidFile.toString());
    try {
      return new ParentWatch(
          Command.builder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new StartFailedException("cannot start /bin/sh to watch process " + pid, e);
    }
  }

  @Override
  public void close() {
    try (var pipe = shell.outputWriter()) {
      pipe.write("released\n");
    } catch (IOException e) {
      // The shell is gone already, killed by somebody: then there is nothing to call off.
      shell.destroyForcibly();
    }
  }
}
