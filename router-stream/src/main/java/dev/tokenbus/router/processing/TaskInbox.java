package dev.tokenbus.router.processing;

import dev.tokenbus.router.cluster.CancelListener;
import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Cancel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What other threads have read for a task: final replies that it looks for, and cancel commands,
 * most of which are about requests of other tasks.
 *
 * <p>Thread-safe; drained by the stream thread.
 */
final class TaskInbox implements CancelListener {
  private record Found(RequestId request, FinalReply reply) {}

  private record Cancelled(RequestId request, Cancel cancel) {}

  private final Queue<Found> found = new ConcurrentLinkedQueue<>();
  private final Queue<Cancelled> cancelled = new ConcurrentLinkedQueue<>();
  private final Queue<ScopedCancel> scoped = new ConcurrentLinkedQueue<>();

  void found(RequestId request, FinalReply reply) {
    found.add(new Found(request, reply));
  }

  @Override
  public void cancelled(RequestId request, Cancel cancel) {
    cancelled.add(new Cancelled(request, cancel));
  }

  @Override
  public void cancelled(ScopedCancel command) {
    scoped.add(command);
  }

  /**
   * Hands on what has come, in the order of its coming.
   *
   * @param most of each kind; the rest waits for the next call
   */
  void drain(
      int most,
      BiConsumer<RequestId, FinalReply> finalReplies,
      BiConsumer<RequestId, Cancel> cancels,
      Consumer<ScopedCancel> scopedCancels) {
    drain(most, found, next -> finalReplies.accept(next.request(), next.reply()));
    drain(most, cancelled, next -> cancels.accept(next.request(), next.cancel()));
    drain(most, scoped, scopedCancels);
  }

  private static <T> void drain(int most, Queue<T> queue, Consumer<T> taker) {
    for (int taken = 0; taken < most; taken++) {
      T next = queue.poll();
      if (next == null) {
        return;
      }
      taker.accept(next);
    }
  }
}
