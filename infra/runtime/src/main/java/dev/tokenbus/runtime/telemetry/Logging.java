package dev.tokenbus.runtime.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up where this process logs to. Libraries log warnings and errors only; our own classes also
 * log what happens.
 *
 * <p>Not thread-safe: a {@code main} calls it once, before anything logs.
 */
public final class Logging {
  private static final String OURS = "dev.tokenbus";
  private static final FileSize FILE_SIZE = FileSize.valueOf("100MB");
  private static final int OLD_FILES = 3;

  private Logging() {}

  /** Logs JSON lines to the file, which is rolled at 100 MB; three older files are kept. */
  public static void toFile(Path file, boolean verbose) {
    LoggerContext context = silent();
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setFile(file.toString());

    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i.gz");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(OLD_FILES);
    rolling.start();
    appender.setRollingPolicy(rolling);

    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(FILE_SIZE);
    trigger.start();
    appender.setTriggeringPolicy(trigger);
    start(context, appender, verbose ? Level.DEBUG : Level.INFO, Level.WARN);
  }

  /** Logs JSON lines to standard output, for processes whose output a supervisor collects. */
  public static void toStandardOutput(boolean verbose) {
    LoggerContext context = silent();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    start(context, appender, verbose ? Level.DEBUG : Level.INFO, Level.WARN);
  }

  /**
   * Logs JSON lines to standard error if verbose, else nothing: such a command prints for people.
   */
  public static void toStandardError(boolean verbose) {
    LoggerContext context = silent();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    Level level = verbose ? Level.INFO : Level.OFF;
    start(context, appender, level, level);
  }

  private static LoggerContext silent() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    return context;
  }

  private static void start(
      LoggerContext context,
      OutputStreamAppender<ILoggingEvent> appender,
      Level ours,
      Level libraries) {
    JsonLinesEncoder encoder = new JsonLinesEncoder();
    encoder.setContext(context);
    encoder.start();
    appender.setEncoder(encoder);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(libraries);
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    context.getLogger(OURS).setLevel(ours);
  }
}
