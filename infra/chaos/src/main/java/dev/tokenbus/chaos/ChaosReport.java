package dev.tokenbus.chaos;

import dev.tokenbus.chaos.client.ClientResult;
import dev.tokenbus.chaos.fault.FaultInjector;
import dev.tokenbus.verify.findings.Difference;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The result of a chaos run.
 *
 * @param seed draws the same faults again
 * @param faults how many of each kind were injected
 * @param unexpectedExits processes that ended although nobody stopped them
 * @param requests that the clients have finished
 * @param interrupted requests whose connection broke at least once
 * @param abandoned requests whose client disconnected on purpose
 * @param wrong requests with a wrong text
 * @param failed requests that were answered with an error
 * @param lost requests without an end in time
 * @param doubleBills one line for each request that was billed more than once
 * @param stalls of more than a second within a stream, shortest first
 * @param providerCalls calls that reached the provider, take-overs included
 * @param findings of {@code verify} at the end
 */
public record ChaosReport(
    long seed,
    Map<String, Integer> faults,
    int unexpectedExits,
    long requests,
    long interrupted,
    long abandoned,
    long wrong,
    long failed,
    long lost,
    List<String> doubleBills,
    List<Duration> stalls,
    long providerCalls,
    Findings findings) {
  private static final Set<DifferenceKind> DOUBLES =
      Set.of(DifferenceKind.BILLED_TWICE, DifferenceKind.ROW_TWICE);
  private static final Set<DifferenceKind> STUCK =
      Set.of(DifferenceKind.STUCK, DifferenceKind.NOT_SETTLED);

  public ChaosReport {
    faults = Map.copyOf(faults);
    doubleBills = List.copyOf(doubleBills);
    stalls = stalls.stream().sorted().toList();
  }

  static ChaosReport of(
      ChaosPlan plan,
      FaultInjector injector,
      int unexpectedExits,
      List<ClientResult> results,
      List<String> doubleBills,
      long providerCalls,
      Findings findings) {
    return new ChaosReport(
        plan.seed(),
        injector.injected(),
        unexpectedExits,
        results.size(),
        results.stream().filter(result -> result.interruptions() > 0).count(),
        count(results, ClientResult.Outcome.ABANDONED),
        count(results, ClientResult.Outcome.WRONG_TEXT),
        count(results, ClientResult.Outcome.FAILED),
        count(results, ClientResult.Outcome.LOST),
        doubleBills,
        results.stream().flatMap(result -> result.stalls().stream()).toList(),
        providerCalls,
        findings);
  }

  /** Requests and records that were billed or written twice. */
  public long doubled() {
    return doubleBills.size() + count(DOUBLES);
  }

  /** Requests that will never end. */
  public long stuck() {
    return Math.max(count(STUCK), findings.topics().inFlight());
  }

  /** Whether nothing was lost, doubled, stuck or wrong. */
  public boolean clean() {
    return unexpectedExits == 0
        && wrong == 0
        && failed == 0
        && lost == 0
        && doubled() == 0
        && stuck() == 0
        && findings.differences().isEmpty();
  }

  /** A quantile of the stalls; zero if there was none. */
  public Duration stall(double quantile) {
    return stalls.isEmpty()
        ? Duration.ZERO
        : stalls.get((int) Math.ceil(quantile * stalls.size()) - 1);
  }

  private long count(Set<DifferenceKind> kinds) {
    return findings.differences().stream().map(Difference::kind).filter(kinds::contains).count();
  }

  private static long count(List<ClientResult> results, ClientResult.Outcome outcome) {
    return results.stream().filter(result -> result.outcome() == outcome).count();
  }
}
