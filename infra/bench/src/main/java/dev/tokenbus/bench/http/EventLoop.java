package dev.tokenbus.bench.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with a selector, a queue of tasks and timers. Timers that fall into the same
 * millisecond run in one wake-up, because the selector's time-out has that resolution; a timer runs
 * up to a millisecond late and never early.
 *
 * <p>Only {@link #execute}, {@link #close} and {@link #inLoop} may be called from other threads. A
 * task that throws is logged and the loop goes on.
 */
public final class EventLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final int READ_BUFFER_BYTES = 256 * 1024;

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER_BYTES);
  private volatile boolean closing;

  private EventLoop(String name) {
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open a selector", e);
    }
    thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
  }

  /** Starts a loop on a daemon thread of this name. */
  public static EventLoop start(String name) {
    EventLoop loop = new EventLoop(name);
    loop.thread.start();
    return loop;
  }

  /** Runs the task on the loop's thread, in the order of the calls. Does nothing once closed. */
  public void execute(Runnable task) {
    tasks.add(task);
    if (!inLoop() && awake.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  /** Whether the caller runs on the loop's thread. */
  public boolean inLoop() {
    return thread.equals(Thread.currentThread());
  }

  /** Runs the task at this {@link System#nanoTime()} or up to a millisecond later. */
  public Timer schedule(long atNanos, Runnable task) {
    requireLoop();
    Timer timer = new Timer(atNanos, task);
    timers.add(timer);
    return timer;
  }

  SelectionKey register(SelectableChannel channel, int operations, Ready ready)
      throws ClosedChannelException {
    requireLoop();
    return channel.register(selector, operations, ready);
  }

  /** A direct buffer for the caller to read a socket into; valid until the caller returns. */
  ByteBuffer readBuffer() {
    return readBuffer.clear();
  }

  /** Closes every registered channel and ends the thread; waits for it up to five seconds. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    if (inLoop()) {
      return;
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closing) {
        select();
        runTasks();
        runTimers();
      }
    } catch (IOException e) {
      LOG.atError().setCause(e).log("event loop failed");
    } finally {
      closeAll();
    }
  }

  private void select() throws IOException {
    Timer next = timers.peek();
    long waitNanos = next == null ? Long.MAX_VALUE : next.atNanos() - System.nanoTime();
    awake.set(false);
    if (!tasks.isEmpty() || waitNanos <= 0) {
      selector.selectNow(EventLoop::dispatch);
    } else if (next == null) {
      selector.select(EventLoop::dispatch);
    } else {
      selector.select(EventLoop::dispatch, (waitNanos + 999_999) / 1_000_000);
    }
  }

  private static void dispatch(SelectionKey key) {
    guarded(() -> ((Ready) key.attachment()).ready(key));
  }

  private void runTasks() {
    for (int left = tasks.size(); left > 0; left--) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      guarded(task);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    for (Timer due = timers.peek(); due != null && due.atNanos() - now <= 0; due = timers.peek()) {
      timers.remove();
      if (due.live()) {
        guarded(due.task());
      }
    }
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("task of the event loop failed");
    }
  }

  private void closeAll() {
    for (SelectionKey key : selector.keys()) {
      try {
        key.channel().close();
      } catch (IOException e) {
        LOG.atDebug().setCause(e).log("channel did not close cleanly");
      }
    }
    try {
      selector.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("selector did not close cleanly");
    }
  }

  private void requireLoop() {
    if (!inLoop()) {
      throw new IllegalStateException("call this on the event loop's thread, through execute()");
    }
  }

  /** What a registered channel does when the selector reports it. */
  @FunctionalInterface
  interface Ready {
    void ready(SelectionKey key);
  }
}
