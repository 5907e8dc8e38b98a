package dev.tokenbus.ingress.replies.log;

import dev.tokenbus.runtime.replies.LoggedReply;
import java.util.List;

/**
 * A page of one request's records.
 *
 * @param records the request's records, in log order
 * @param next the offset of the next page
 * @param atEnd whether the partition ended at that offset when the page was read
 */
public record LogPage(List<LoggedReply> records, long next, boolean atEnd) {
  public LogPage {
    records = List.copyOf(records);
  }
}
