package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.LastWord;
import dev.tokenbus.schemas.RequestId;
import java.util.function.Consumer;

/** Finds out how requests have ended for those who read their replies. */
interface LastWords {
  /**
   * Looks for the request's last word once, soon. Returns at once.
   *
   * @param found told at most once, on another thread; not told where there is no last word yet, or
   *     where the log cannot be read
   */
  void find(RequestId request, Consumer<LastWord> found);
}
