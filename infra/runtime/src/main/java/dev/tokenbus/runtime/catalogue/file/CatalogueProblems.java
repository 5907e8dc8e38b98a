package dev.tokenbus.runtime.catalogue.file;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is wrong with a file, gathered so that all of it is told at once. Not thread-safe. */
final class CatalogueProblems {
  private record Problem(int line, String path, String message) {}

  private final String file;
  private final List<Problem> problems = new ArrayList<>();

  CatalogueProblems(String file) {
    this.file = file;
  }

  static String member(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /**
   * @param path the key path; empty for the file as a whole
   */
  void add(int line, String path, String message) {
    problems.add(new Problem(line, path, message));
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  /** In the order of the file. */
  CatalogueFileException asException() {
    return new CatalogueFileException(
        problems.stream()
            .sorted(Comparator.comparingInt(Problem::line))
            .map(problem ->
                file
                    + ":"
                    + problem.line
                    + ": "
                    + (problem.path.isEmpty() ? "" : problem.path + ": ")
                    + problem.message)
            .distinct()
            .toList());
  }
}
