package dev.tokenbus.bench.http;

/**
 * A request as received.
 *
 * @param receivedNanos {@link System#nanoTime()} when its last byte was read
 * @param body the decoded bytes; not copied, so not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // up to 16 MB; requests are never compared
public record HttpRequest(
    String method, String target, HeaderFields headers, byte[] body, long receivedNanos) {

  /** The target without its query. */
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }
}
