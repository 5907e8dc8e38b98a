package dev.tokenbus.verify.findings;

/** How many requests were accepted, and how they ended. */
public record RequestCounts(
    long accepted, long completed, long failed, long cancelled, long rejected, long inFlight) {

  /** What {@code accepted} must be equal to. */
  public long sum() {
    return completed + failed + cancelled + rejected + inFlight;
  }
}
