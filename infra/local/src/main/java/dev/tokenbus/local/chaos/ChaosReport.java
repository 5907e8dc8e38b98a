package dev.tokenbus.local.chaos;

import dev.tokenbus.local.verify.Difference;
import dev.tokenbus.local.verify.DifferenceKind;
import dev.tokenbus.local.verify.Findings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What came of a run.
 *
 * @param seed draws the same blows again
 * @param blows how many of each kind were dealt
 * @param diedAlone processes that ended although nobody wanted them to
 * @param jobs that the clients have brought to an end
 * @param interrupted jobs whose connection broke at least once
 * @param deserted jobs whose client went away on purpose
 * @param wrong jobs with a wrong text
 * @param failed jobs that were answered with an error
 * @param lost jobs that had no end in time
 * @param doubleBills one line for each job that was billed more than once
 * @param silences of more than a second within a stream, shortest first
 * @param providerCalls what the provider was asked, take-overs included
 * @param findings of {@code verify} when all was quiet
 */
public record ChaosReport(
    long seed,
    Map<String, Integer> blows,
    int diedAlone,
    long jobs,
    long interrupted,
    long deserted,
    long wrong,
    long failed,
    long lost,
    List<String> doubleBills,
    List<Duration> silences,
    long providerCalls,
    Findings findings) {
  private static final Set<DifferenceKind> DOUBLES =
      Set.of(DifferenceKind.BILLED_TWICE, DifferenceKind.ROW_TWICE);
  private static final Set<DifferenceKind> STUCK =
      Set.of(DifferenceKind.STUCK, DifferenceKind.NOT_SETTLED);

  public ChaosReport {
    blows = Map.copyOf(blows);
    doubleBills = List.copyOf(doubleBills);
    silences = silences.stream().sorted().toList();
  }

  static ChaosReport of(
      ChaosPlan plan,
      Assault assault,
      int diedAlone,
      List<JobResult> results,
      List<String> doubleBills,
      long providerCalls,
      Findings findings) {
    return new ChaosReport(
        plan.seed(),
        assault.dealt(),
        diedAlone,
        results.size(),
        results.stream().filter(result -> result.interruptions() > 0).count(),
        count(results, JobResult.Ending.DESERTED),
        count(results, JobResult.Ending.WRONG_TEXT),
        count(results, JobResult.Ending.FAILED),
        count(results, JobResult.Ending.LOST),
        doubleBills,
        results.stream().flatMap(result -> result.silences().stream()).toList(),
        providerCalls,
        findings);
  }

  /** Jobs and records together that were done twice. */
  public long doubled() {
    return doubleBills.size() + count(DOUBLES);
  }

  /** Requests that neither ended nor will. */
  public long stuck() {
    return Math.max(count(STUCK), findings.topics().inFlight());
  }

  /** Whether everything is as it must be. */
  public boolean clean() {
    return diedAlone == 0
        && wrong == 0
        && failed == 0
        && lost == 0
        && doubled() == 0
        && stuck() == 0
        && findings.differences().isEmpty();
  }

  /** The middle and the longest silence; zero where there was none. */
  public Duration silence(double quantile) {
    return silences.isEmpty()
        ? Duration.ZERO
        : silences.get((int) Math.ceil(quantile * silences.size()) - 1);
  }

  private long count(Set<DifferenceKind> kinds) {
    return findings.differences().stream().map(Difference::kind).filter(kinds::contains).count();
  }

  private static long count(List<JobResult> results, JobResult.Ending ending) {
    return results.stream().filter(result -> result.ending() == ending).count();
  }
}
