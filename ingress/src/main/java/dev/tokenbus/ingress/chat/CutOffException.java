package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Problem;

/** A stream has been ended with an error event that is not in the log. */
final class CutOffException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  CutOffException(Problem problem) {
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
