package dev.tokenbus.local.chaos;

/** Runs something when the process is told to end, unless it is closed before. */
final class AtExit implements AutoCloseable {
  private final Thread hook;

  private AtExit(Thread hook) {
    this.hook = hook;
  }

  static AtExit run(Runnable task) {
    Thread hook = Thread.ofPlatform().name("at-exit").unstarted(task);
    Runtime.getRuntime().addShutdownHook(hook);
    return new AtExit(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the task runs, and whoever closes this shall do the same.
      return;
    }
  }
}
