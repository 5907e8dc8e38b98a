package dev.tokenbus.embedded.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server did not come up. The message says which, where its files are, and what it last wrote to
 * its log.
 */
public final class StartFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LOG_LINES = 20;
  private static final Pattern STACK_FRAME = Pattern.compile("\\s+(at |\\.\\.\\. \\d+ )");

  public StartFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** {@code message} followed by the end of the log file. */
  public static StartFailedException withLog(String message, Path logFile) {
    return new StartFailedException(message + System.lineSeparator() + tail(logFile), null);
  }

  private static String tail(Path logFile) {
    try {
      // Replaces bytes that are no UTF-8, which readAllLines would refuse.
      List<String> lines =
          new String(Files.readAllBytes(logFile), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !STACK_FRAME.matcher(line).lookingAt())
              .toList();
      int from = Math.max(0, lines.size() - LOG_LINES);
      return "The end of "
          + logFile
          + ":"
          + System.lineSeparator()
          + String.join(System.lineSeparator(), lines.subList(from, lines.size()));
    } catch (IOException e) {
      return "Its log " + logFile + " cannot be read: " + e;
    }
  }
}
