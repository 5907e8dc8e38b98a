package dev.tokenbus.chaos;

import dev.tokenbus.chaos.client.ClientCounts;
import dev.tokenbus.chaos.fault.FaultCounts;
import dev.tokenbus.verify.findings.Difference;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The result of a chaos run.
 *
 * @param seed draws the same faults again
 * @param faults how many were injected
 * @param unexpectedExits processes that ended although nobody stopped them
 * @param hungStops processes that were asked to stop and did not in time
 * @param clients what they saw
 * @param doubleBills one line for each request that was billed more than once
 * @param wrongBills one line for each answer for which less or more was billed than delivered
 * @param stalls of more than a second within a stream, shortest first
 * @param providerCalls calls that reached the provider, take-overs included
 * @param takenOver answers of a model that never says the same twice that went on behind what a
 *     killed worker had delivered
 * @param findings of {@code verify} at the end
 */
public record ChaosReport(
    long seed,
    FaultCounts faults,
    int unexpectedExits,
    int hungStops,
    ClientCounts clients,
    List<String> doubleBills,
    List<String> wrongBills,
    List<Duration> stalls,
    long providerCalls,
    long takenOver,
    Findings findings) {
  private static final Set<DifferenceKind> DOUBLES =
      Set.of(DifferenceKind.BILLED_TWICE, DifferenceKind.ROW_TWICE);
  private static final Set<DifferenceKind> STUCK =
      Set.of(DifferenceKind.STUCK, DifferenceKind.NOT_SETTLED);

  public ChaosReport {
    doubleBills = List.copyOf(doubleBills);
    wrongBills = List.copyOf(wrongBills);
    stalls = stalls.stream().sorted().toList();
  }

  /** The same with the stops of the whole run, its end included. */
  ChaosReport withHungStops(int all) {
    return new ChaosReport(
        seed,
        faults,
        unexpectedExits,
        all,
        clients,
        doubleBills,
        wrongBills,
        stalls,
        providerCalls,
        takenOver,
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

  /** Whether nothing was lost, doubled, stuck or wrong, and no process or client misbehaved. */
  public boolean clean() {
    return unexpectedExits == 0
        && hungStops == 0
        && clients.clean()
        && doubled() == 0
        && stuck() == 0
        && wrongBills.isEmpty()
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
}
