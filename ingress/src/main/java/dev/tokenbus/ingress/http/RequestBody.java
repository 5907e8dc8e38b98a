package dev.tokenbus.ingress.http;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A body in memory with its permits for heap space, which {@link #close} releases. Confined to one
 * thread at a time.
 */
public final class RequestBody implements AutoCloseable {
  private final int size;
  private final @Nullable Semaphore room;
  private final int permits;
  private byte @Nullable [] bytes;

  /**
   * Takes over permits.
   *
   * @param room the semaphore to release; null if the body is too small to need permits
   */
  RequestBody(byte[] bytes, @Nullable Semaphore room, int permits) {
    this.bytes = bytes;
    this.room = room;
    this.permits = permits;
    size = bytes.length;
  }

  public int size() {
    return size;
  }

  /** Whether the body is so large that the heap has room for a few of its kind only. */
  public boolean isLarge() {
    return room != null;
  }

  /**
   * Hands the bytes over, so that nothing here keeps them alive. The permits stay taken.
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
    if (room != null) {
      room.release(permits);
    }
  }
}
