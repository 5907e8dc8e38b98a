package dev.tokenbus.router.processing;

import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.schemas.RequestId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A walk through all requests of a task, some at a time, so that neither memory nor the time
 * between two records grows with their number.
 *
 * <p>Not thread-safe.
 */
final class TaskWalk {
  private final TaskStore store;
  private @Nullable RequestId behind;
  private boolean running;

  TaskWalk(TaskStore store) {
    this.store = store;
  }

  void begin() {
    behind = null;
    running = true;
  }

  boolean running() {
    return running;
  }

  /** The next requests; the walk has ended when they are fewer than asked for. */
  List<RequestId> next(int most) {
    List<RequestId> ids = store.requests(behind, most);
    running = ids.size() == most;
    if (running) {
      behind = ids.getLast();
    }
    return ids;
  }
}
