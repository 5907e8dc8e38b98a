package dev.tokenbus.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of a gateway: one, its descendants, and those that name its home directory on their
 * command line with their descendants, since PostgreSQL detaches from the process that starts it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html">proc_pid_stat(5)</a>
 */
final class ProcessTree {
  private static final Path PROC = Path.of("/proc");
  private static final long TICK_MILLIS = 10; // USER_HZ is 100 on every Linux architecture we meet
  private static final int USER_TIME_FIELD = 11; // counted behind the command's closing bracket
  private static final int SYSTEM_TIME_FIELD = 12;

  private final long root;
  private final Optional<Path> home;

  ProcessTree(long root, Optional<Path> home) {
    this.root = root;
    this.home = home.map(path -> path.toAbsolutePath().normalize());
  }

  /**
   * What the processes have used.
   *
   * @param cpu user and system time since each one started
   * @param residentBytes sum of resident sets, in which shared pages count once per process
   * @param proportionalBytes the same with each shared page divided by those who share it
   */
  record Usage(int processes, Duration cpu, long residentBytes, long proportionalBytes) {
    static final Usage NONE = new Usage(0, Duration.ZERO, 0, 0);

    Usage plus(Usage other) {
      return new Usage(
          processes + other.processes,
          cpu.plus(other.cpu),
          residentBytes + other.residentBytes,
          proportionalBytes + other.proportionalBytes);
    }
  }

  /** What the processes that live now have used; one that ends meanwhile is left out. */
  Usage usage() {
    Usage sum = Usage.NONE;
    for (long pid : pids()) {
      sum = sum.plus(usage(pid));
    }
    return sum;
  }

  private Set<Long> pids() {
    Set<Long> pids = new LinkedHashSet<>();
    Stream.concat(ProcessHandle.of(root).stream(), ofHome())
        .flatMap(handle -> Stream.concat(Stream.of(handle), handle.descendants()))
        .map(ProcessHandle::pid)
        .forEach(pids::add);
    pids.remove(ProcessHandle.current().pid());
    return pids;
  }

  private Stream<ProcessHandle> ofHome() {
    return home.stream()
        .flatMap(path -> ProcessHandle.allProcesses().filter(handle -> names(handle, path)));
  }

  private static boolean names(ProcessHandle handle, Path path) {
    try {
      byte[] line = Files.readAllBytes(PROC.resolve(handle.pid() + "/cmdline"));
      return handle.pid() != ProcessHandle.current().pid()
          && new String(line, StandardCharsets.UTF_8).contains(path.toString());
    } catch (IOException e) {
      return false; // it has ended, or is another user's
    }
  }

  private static Usage usage(long pid) {
    try {
      Path directory = PROC.resolve(Long.toString(pid));
      String stat = Files.readString(directory.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks =
          Long.parseLong(fields[USER_TIME_FIELD]) + Long.parseLong(fields[SYSTEM_TIME_FIELD]);
      List<String> status = Files.readAllLines(directory.resolve("status"));
      long resident = kilobytes(status, "VmRSS:");
      long proportional = proportional(directory).orElse(resident);
      return new Usage(1, Duration.ofMillis(ticks * TICK_MILLIS), resident, proportional);
    } catch (IOException e) {
      return Usage.NONE;
    }
  }

  private static Optional<Long> proportional(Path directory) {
    try {
      return Optional.of(kilobytes(Files.readAllLines(directory.resolve("smaps_rollup")), "Pss:"));
    } catch (IOException e) {
      return Optional.empty(); // needs the rights of its owner
    }
  }

  private static long kilobytes(List<String> lines, String name) {
    return lines.stream()
            .filter(line -> line.startsWith(name))
            .map(line -> line.replaceAll("[^0-9]", ""))
            .collect(Collectors.summingLong(Long::parseLong))
        * 1024;
  }
}
