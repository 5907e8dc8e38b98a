package dev.tokenbus.local.verify;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What topics and tables say, and where they disagree.
 *
 * @param topics ids accepted on {@code requests}, ends by the records of {@code usage}
 * @param tables rows of {@code requests}, ends by the rows of {@code usage_events}
 * @param repeats records that repeat what others say, which the log allows
 * @param settling requests that have ended, but whose bill or last reply may still be on its way
 * @param behind records that the projections have yet to write down
 * @param expiredRequests that are older than what {@code requests} keeps, and were not checked
 * @param expiredReplies requests that were checked without their replies, which are not kept
 * @param differences in the order of kind and subject
 */
public record Findings(
    Counts topics,
    Counts tables,
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
  Findings with(List<Difference> more) {
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

  /** Whether nothing is on its way any more. */
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
