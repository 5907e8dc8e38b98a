package dev.tokenbus.router.processing;

import dev.tokenbus.router.lifecycle.RequestState;
import dev.tokenbus.router.lifecycle.ScopedCancel;
import dev.tokenbus.router.store.TaskStore;
import dev.tokenbus.schemas.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Commands about many requests, as one task acts on them. They are named by nothing that the store
 * is ordered by, so a walk through the task finds the requests. Those that were accepted before the
 * command and are read behind it are found as they come, for as long as the topic holds the
 * command.
 *
 * <p>Not thread-safe.
 */
final class ScopedCancels {
  private static final Duration IN_FORCE = Duration.ofHours(1);
  private static final int MOST_IN_FORCE = 1_000;

  private record InForce(Instant heard, ScopedCancel command) {}

  private final Deque<InForce> commands = new ArrayDeque<>();
  private final TaskWalk walk;
  private boolean walkWanted;

  ScopedCancels(TaskStore store) {
    walk = new TaskWalk(store);
  }

  void heard(ScopedCancel command, Instant now) {
    commands.add(new InForce(now, command));
    walkWanted = true;
  }

  /** The command that ends the request; empty where it goes on. */
  Optional<ScopedCancel> concerning(RequestState state) {
    return commands.stream()
        .map(InForce::command)
        .filter(command -> command.concerns(state))
        .findFirst();
  }

  /** The next requests of a walk on account of commands that have come; none otherwise. */
  List<RequestId> next(int most, Instant now) {
    forgetOld(now);
    if (!walk.running()) {
      if (!walkWanted) {
        return List.of();
      }
      // A command that comes during the walk wants another.
      walkWanted = false;
      walk.begin();
    }
    return walk.next(most);
  }

  private void forgetOld(Instant now) {
    Instant oldest = now.minus(IN_FORCE);
    while (!commands.isEmpty()
        && (commands.size() > MOST_IN_FORCE || commands.getFirst().heard().isBefore(oldest))) {
      commands.removeFirst();
    }
  }
}
