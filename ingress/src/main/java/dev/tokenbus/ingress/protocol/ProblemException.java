package dev.tokenbus.ingress.protocol;

/**
 * Carries a {@link Problem} to the border where it becomes an answer. It is an answer, not a fault:
 * no stack trace.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ProblemException(Problem problem) {
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
