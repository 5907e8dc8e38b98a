package dev.tokenbus.router.replay;

import dev.tokenbus.router.lifecycle.FinalReply;
import dev.tokenbus.schemas.RequestId;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the final replies of requests as their readers see them. */
public interface FinalReplySource {
  /**
   * Searches the log for the request's final reply once, soon. Returns at once.
   *
   * @param from an offset in the request's partition that is not behind its first record; null to
   *     begin at the time in its id
   * @param found called at once with {@link FinalReply.Pending} where a search for the request runs
   *     already, and then at most once, on another thread; not called where there is no final
   *     reply, or the log cannot be read
   */
  void find(RequestId request, @Nullable Long from, Consumer<FinalReply> found);
}
