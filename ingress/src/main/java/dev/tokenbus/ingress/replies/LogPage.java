package dev.tokenbus.ingress.replies;

import java.util.List;

/**
 * A piece of one request's log.
 *
 * @param records of the request, in log order
 * @param next the offset at which the next page begins
 * @param atEnd whether the partition ended there when it was read
 */
record LogPage(List<LoggedReply> records, long next, boolean atEnd) {
  LogPage {
    records = List.copyOf(records);
  }
}
