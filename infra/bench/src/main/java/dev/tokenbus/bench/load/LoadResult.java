package dev.tokenbus.bench.load;

import java.time.Duration;
import java.util.Map;

/**
 * What a load run saw, of the requests that began in the measured time.
 *
 * @param requests how many there were
 * @param complete how many ended with every token, a finish reason and, for streams, {@code [DONE]}
 * @param problems what was wrong with the others, by kind; the sum is {@code requests - complete}
 * @param requestsPerSecond complete answers that ended in the measured time, per second of it
 * @param tokensPerSecond content deltas (of whole answers: expected tokens) in the measured time
 * @param firstToken from the (scheduled) beginning to the first delta with content
 * @param gaps between two deltas of one stream
 * @param total from the (scheduled) beginning to the end of the answer
 * @param startLag how late the generator itself was; large values mean that it was the bottleneck
 */
public record LoadResult(
    long requests,
    long complete,
    Map<String, Long> problems,
    Duration measured,
    double requestsPerSecond,
    double tokensPerSecond,
    Percentiles firstToken,
    Percentiles gaps,
    Percentiles total,
    Percentiles startLag) {

  public LoadResult {
    problems = Map.copyOf(problems);
  }

  /** Whether every request was answered completely. */
  public boolean allComplete() {
    return complete == requests;
  }
}
