package dev.tokenbus.local.verify;

/** How many requests were accepted, and what has become of them. */
public record Counts(
    long accepted, long completed, long failed, long cancelled, long rejected, long inFlight) {

  /** What accepted must be. */
  public long sum() {
    return completed + failed + cancelled + rejected + inFlight;
  }
}
