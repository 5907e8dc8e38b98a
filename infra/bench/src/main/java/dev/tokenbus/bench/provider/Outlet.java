package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.http.Exchange;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Where a stream's bytes go: straight to the client, or in pieces of random size, each a chunk and
 * a write of its own, a millisecond apart so that the client's kernel does not join them again.
 */
final class Outlet {
  private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Exchange exchange;
  private final int splitBytes;
  private final Random random = new Random(42); // the same splits in every run
  private final ByteArrayOutputStream queued = new ByteArrayOutputStream();
  private byte[] current = new byte[0];
  private int position;
  private boolean sending;
  private Runnable atEnd = () -> {};

  Outlet(Exchange exchange, int splitBytes) {
    this.exchange = exchange;
    this.splitBytes = splitBytes;
  }

  void send(byte[] bytes) {
    if (splitBytes == 0) {
      exchange.send(bytes, 0, bytes.length);
      return;
    }
    queued.writeBytes(bytes);
    if (!sending) {
      sending = true;
      sendPiece();
    }
  }

  /** Runs the task when everything before it is sent. Nothing may be sent afterwards. */
  void end(Runnable task) {
    if (sending) {
      atEnd = task;
    } else {
      task.run();
    }
  }

  private void sendPiece() {
    if (position == current.length) {
      current = queued.toByteArray();
      queued.reset();
      position = 0;
    }
    if (position == current.length) {
      sending = false;
      atEnd.run();
      return;
    }
    int length = Math.min(1 + random.nextInt(splitBytes), current.length - position);
    exchange.send(current, position, length);
    position += length;
    exchange.loop().schedule(System.nanoTime() + GAP_NANOS, this::sendPiece);
  }
}
