package dev.tokenbus.embedded.postgres;

import com.sun.security.auth.module.UnixSystem;
import dev.tokenbus.embedded.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code initdb} and {@code pg_ctl}, as the user we are.
 *
 * <p>PostgreSQL refuses to run as root, so root starts it in a user namespace of its own ({@code
 * unshare -U}), in which it is nobody and keeps the right to root's files alone.
 */
public final class PostgresPrograms {
  /** The superuser of the server. */
  public static final String USER = "tokenbus";

  private final Path binaries;
  private final List<String> prefix;

  public PostgresPrograms(Path binaries) {
    this.binaries = binaries;
    this.prefix = new UnixSystem().getUid() == 0 ? List.of("unshare", "-U") : List.of();
  }

  void initialise(Path data, Path passwordFile) {
    // The builtin provider sorts the same on every machine, whatever its C library.
    run(
        Duration.ofMinutes(2),
        "initdb",
        "--pgdata=" + data,
        "--username=" + USER,
        "--pwfile=" + passwordFile,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions");
  }

  /** Returns when the server takes connections. */
  public Command.Result start(Path data, Path logFile, String options, Duration timeout) {
    return Command.tryRun(
        command(
            "pg_ctl",
            "--pgdata=" + data,
            "--log=" + logFile,
            "--options=" + options,
            "--wait",
            "--timeout=" + timeout.toSeconds(),
            "start"),
        timeout.plusSeconds(5));
  }

  /**
   * @param mode {@code fast}: connections are ended; {@code immediate}: as in a crash, recovered
   *     from at the next start
   */
  Command.Result stop(Path data, String mode, Duration timeout) {
    return Command.tryRun(
        command(
            "pg_ctl",
            "--pgdata=" + data,
            "--mode=" + mode,
            "--wait",
            "--timeout=" + timeout.toSeconds(),
            "stop"),
        timeout.plusSeconds(5));
  }

  private void run(Duration timeout, String program, String... arguments) {
    Command.run(command(program, arguments), timeout);
  }

  private List<String> command(String program, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(binaries.resolve("bin").resolve(program).toString());
    Stream.of(arguments).forEach(command::add);
    return List.copyOf(command);
  }
}
