package dev.tokenbus.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.chaos.client.ClientCounts;
import dev.tokenbus.chaos.fault.FaultCounts;
import dev.tokenbus.verify.findings.Findings;
import dev.tokenbus.verify.findings.RequestCounts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChaosReportTest {
  private static final ClientCounts GOOD = new ClientCounts(9, 3, 1, 0, 0, 0, 0);

  @Test
  void isCleanWhereRequestsWereInterruptedAndFaultsMissed() {
    assertThat(report(0, 0, GOOD).clean()).isTrue();
  }

  @Test
  void isNotCleanWhereAClientSawWhatItShouldNotOrVanished() {
    assertThat(report(0, 0, new ClientCounts(9, 3, 1, 1, 0, 0, 0)).clean()).isFalse();
    assertThat(report(0, 0, new ClientCounts(9, 3, 1, 0, 1, 0, 0)).clean()).isFalse();
    assertThat(report(0, 0, new ClientCounts(9, 3, 1, 0, 0, 1, 0)).clean()).isFalse();
    assertThat(report(0, 0, new ClientCounts(9, 3, 1, 0, 0, 0, 1)).clean()).isFalse();
  }

  @Test
  void isNotCleanWhereAProcessEndedByItselfOrDidNotStop() {
    assertThat(report(1, 0, GOOD).clean()).isFalse();
    assertThat(report(0, 1, GOOD).clean()).isFalse();
    assertThat(report(0, 0, GOOD).withHungStops(1).clean()).isFalse();
  }

  @Test
  void isNotCleanWhereAnAnswerWasBilledWronglyOrTwice() {
    assertThat(report(0, 0, GOOD, List.of("twice"), List.of()).clean()).isFalse();
    assertThat(report(0, 0, GOOD, List.of(), List.of("too little")).clean()).isFalse();
  }

  private static ChaosReport report(int unexpectedExits, int hungStops, ClientCounts clients) {
    return report(unexpectedExits, hungStops, clients, List.of(), List.of());
  }

  private static ChaosReport report(
      int unexpectedExits,
      int hungStops,
      ClientCounts clients,
      List<String> doubleBills,
      List<String> wrongBills) {
    RequestCounts requests = new RequestCounts(9, 8, 0, 1, 0, 0);
    return new ChaosReport(
        1,
        new FaultCounts(Map.of("kill worker", 2), 1),
        unexpectedExits,
        hungStops,
        clients,
        doubleBills,
        wrongBills,
        List.of(),
        12,
        2,
        new Findings(requests, requests, 0, 0, 0, 0, 0, List.of()));
  }
}
