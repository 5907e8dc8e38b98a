package dev.tokenbus.verify.findings;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What topics and tables hold, and where they disagree.
 *
 * @param topics ids accepted on {@code requests}, ends by the records of {@code usage}
 * @param tables rows of {@code requests}, ends by the rows of {@code usage_events}
 * @param repeats records that repeat others, which the log allows
 * @param settling ended requests whose bill or last reply may still arrive
 * @param behind records that the projections have yet to write
 * @param expiredRequests requests older than the retention of {@code requests}, which were not
 *     checked
 * @param expiredReplies requests whose replies have expired and were not checked
 * @param differences in the order of kind and subject
 */
public record Findings(
    RequestCounts topics,
    RequestCounts tables,
    long repeats,
    long settling,
    long behind,
    long expiredRequests,
    long expiredReplies,
    List<Difference> differences) {
  public Findings {
    differences = List.copyOf(differences);
  }

  /** The same with more differences. */
  public Findings with(List<Difference> more) {
    return new Findings(
        topics,
        tables,
        repeats,
        settling,
        behind,
        expiredRequests,
        expiredReplies,
        Stream.concat(differences.stream(), more.stream())
            .sorted(Comparator.comparing(Difference::kind).thenComparing(Difference::subject))
            .toList());
  }

  /** Whether every request has ended and is billed and written. */
  public boolean settled() {
    return topics.inFlight() == 0 && settling == 0 && behind == 0;
  }

  /** How often each kind was found. */
  public Map<DifferenceKind, Long> differencesByKind() {
    return differences.stream()
        .collect(
            Collectors.groupingBy(
                Difference::kind,
                () -> new EnumMap<>(DifferenceKind.class),
                Collectors.counting()));
  }

  /** How often the kind was found. */
  public long count(DifferenceKind kind) {
    return differencesByKind().getOrDefault(kind, 0L);
  }
}
