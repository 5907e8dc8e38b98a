package dev.tokenbus.ingress.http;

import org.jspecify.annotations.Nullable;

/**
 * A body in memory with its room in the heap, which {@link #close} gives back. Confined to one
 * thread at a time.
 */
public final class RequestBody implements AutoCloseable {
  private final int size;
  private final Runnable release;
  private byte @Nullable [] bytes;

  /**
   * Takes over a body.
   *
   * @param release gives its room back
   */
  RequestBody(byte[] bytes, Runnable release) {
    this.bytes = bytes;
    this.release = release;
    size = bytes.length;
  }

  public int size() {
    return size;
  }

  /** Whether the body is so large that preparing it would hold up small ones. */
  public boolean isLarge() {
    return size > BodyReceipt.MEDIUM_BYTES;
  }

  /**
   * Hands the bytes over, so that nothing here keeps them alive. The room stays taken.
   *
   * @throws IllegalStateException if they have been handed over before
   */
  public byte[] take() {
    byte[] taken = bytes;
    if (taken == null) {
      throw new IllegalStateException("The body has been taken");
    }
    bytes = null;
    return taken;
  }

  @Override
  public void close() {
    bytes = null;
    release.run();
  }
}
