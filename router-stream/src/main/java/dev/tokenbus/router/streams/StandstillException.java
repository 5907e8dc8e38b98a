package dev.tokenbus.router.streams;

/**
 * This process stood still for so long that the task may belong to another. Ends the stream thread;
 * its successor joins the group anew and gets what is then its own.
 */
public final class StandstillException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StandstillException() {
    super("The process stood still, and the task may have got another owner meanwhile");
  }
}
