package dev.tokenbus.ingress.chat;

/** The client has closed its connection while its request was running. */
public final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ClientGoneException() {
    super("The client has closed its connection", null, false, false);
  }
}
