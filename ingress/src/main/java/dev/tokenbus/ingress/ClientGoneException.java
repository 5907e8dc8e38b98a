package dev.tokenbus.ingress;

/** The client has closed its connection while its request runs. */
final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClientGoneException() {
    super("The client has closed its connection", null, false, false);
  }
}
