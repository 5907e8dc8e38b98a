package dev.tokenbus.workers.provider.http;

/** A dialect has no words for something in the request. */
public final class InexpressibleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String param;

  /**
   * @param param the part of the request that cannot be expressed
   */
  public InexpressibleException(String param, String message) {
    super(message);
    this.param = param;
  }

  public String param() {
    return param;
  }
}
