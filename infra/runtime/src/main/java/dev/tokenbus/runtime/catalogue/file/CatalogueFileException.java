package dev.tokenbus.runtime.catalogue.file;

import java.util.List;

/**
 * A catalogue file cannot be used. Each problem reads {@code file:line: key.path: what is wrong}.
 */
public final class CatalogueFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  CatalogueFileException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** At least one; in the order of the file. */
  public List<String> problems() {
    return problems;
  }
}
