package dev.tokenbus.ingress.http;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A body in memory with its permit for heap space, which {@link #close} releases. */
public final class RequestBody implements AutoCloseable {
  private final byte[] bytes;
  private final @Nullable Semaphore room;

  /**
   * Takes over a permit.
   *
   * @param room the semaphore to release; null if the body is too small to need a permit
   */
  RequestBody(byte[] bytes, @Nullable Semaphore room) {
    this.bytes = bytes;
    this.room = room;
  }

  public byte[] bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (room != null) {
      room.release();
    }
  }
}
