package dev.tokenbus.ingress.protocol;

/**
 * Carries a {@link Problem} to where it becomes an error response. It has no stack trace, since it
 * is no fault of ours.
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
