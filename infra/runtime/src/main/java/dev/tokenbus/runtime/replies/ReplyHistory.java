package dev.tokenbus.runtime.replies;

import java.util.List;
import java.util.Optional;

/**
 * The records of a request up to the end that was asked for.
 *
 * @param checkpoint the last one that may be begun with; empty if there is none
 * @param records those behind the checkpoint, or all from the first on, in log order
 */
public record ReplyHistory(Optional<LoggedReply.Known> checkpoint, List<LoggedReply> records) {
  public ReplyHistory {
    records = List.copyOf(records);
  }
}
