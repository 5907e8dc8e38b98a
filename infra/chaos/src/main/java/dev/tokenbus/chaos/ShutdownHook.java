package dev.tokenbus.chaos;

/** Runs a task when the process is asked to end, unless this is closed before. */
final class ShutdownHook implements AutoCloseable {
  private final Thread hook;

  private ShutdownHook(Thread hook) {
    this.hook = hook;
  }

  static ShutdownHook run(Runnable task) {
    Thread hook = Thread.ofPlatform().name("at-exit").unstarted(task);
    Runtime.getRuntime().addShutdownHook(hook);
    return new ShutdownHook(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, so the task runs.
      return;
    }
  }
}
