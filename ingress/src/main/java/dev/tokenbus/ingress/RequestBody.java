package dev.tokenbus.ingress;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A body in memory, and the room that it takes there, which {@link #close} gives back. */
final class RequestBody implements AutoCloseable {
  private final byte[] bytes;
  private final @Nullable Semaphore room;

  /**
   * Takes over a permit.
   *
   * @param room null if the body is small enough not to need one
   */
  RequestBody(byte[] bytes, @Nullable Semaphore room) {
    this.bytes = bytes;
    this.room = room;
  }

  byte[] bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (room != null) {
      room.release();
    }
  }
}
