package dev.tokenbus.verify.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.RequestStatus;
import dev.tokenbus.schemas.topics.Topics;
import dev.tokenbus.verify.findings.DifferenceKind;
import dev.tokenbus.verify.findings.Findings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerTest {
  private static final int HISTORIES = 2_000;

  @Test
  void findsNothingInAnUndisturbedHistory() {
    for (long seed = 0; seed < HISTORIES; seed++) {
      Findings findings = audit(new History(seed).entries());

      assertThat(findings.differences()).as("seed %d", seed).isEmpty();
      assertThat(findings.topics().sum()).isEqualTo(findings.topics().accepted());
    }
  }

  @ParameterizedTest
  @EnumSource
  void findsEveryKindOfCorruption(Corruption corruption) {
    int corrupted = 0;
    for (long seed = 0; seed < HISTORIES / 4; seed++) {
      History history = new History(seed);
      RequestId victim = history.settled().orElse(null);
      List<Entry> entries = new ArrayList<>(history.entries());
      if (victim != null && corruption.applies(entries, victim)) {
        corruption.apply(entries, victim);
        corrupted++;

        assertThat(audit(entries).differences())
            .as("seed %d", seed)
            .anySatisfy(difference -> {
              assertThat(difference.kind()).isEqualTo(corruption.found());
              assertThat(difference.subject()).isEqualTo(victim.toString());
            });
      }
    }
    assertThat(corrupted).isGreaterThan(50);
  }

  @Test
  void doesNotDependOnTheOrderOfTopics() {
    for (long seed = 0; seed < HISTORIES / 4; seed++) {
      List<Entry> entries = new ArrayList<>(new History(seed).entries());
      Findings inOrder = audit(entries);
      List<Entry> replies = entries.stream().filter(Entry.Replied.class::isInstance).toList();
      entries.removeIf(Entry.Replied.class::isInstance);
      Collections.shuffle(entries, new Random(seed));
      entries.addAll(replies);

      assertThat(audit(entries)).as("seed %d", seed).isEqualTo(inOrder);
    }
  }

  @Test
  void saysThatTheLawIsBrokenWhenABillHasNoRequest() {
    RequestId id = requestAt(History.NOW.minusSeconds(300));

    Findings findings =
        audit(List.of(new Entry.Billed(id, new Bill(RequestStatus.COMPLETED, 0, 0, 0), false)));

    assertThat(findings.count(DifferenceKind.LAW_BROKEN)).isEqualTo(1);
    assertThat(findings.topics().accepted()).isZero();
    assertThat(findings.topics().completed()).isEqualTo(1);
  }

  @Test
  void givesBillAndLastReplyTimeToArrive() {
    RequestId id = requestAt(History.NOW.minusSeconds(60));
    List<Entry> entries =
        List.of(
            new Entry.Accepted(id, History.NOW.plusSeconds(60), false, Optional.empty()),
            new Entry.Attempted(id, 1),
            new Entry.Finished(
                id,
                new Bill(RequestStatus.COMPLETED, 1, 5, 7),
                History.NOW.minusMillis(200),
                false,
                false));

    Findings findings = audit(entries);

    assertThat(findings.differences()).isEmpty();
    assertThat(findings.settled()).isFalse();
    assertThat(findings.settling()).isEqualTo(2);
    assertThat(findings.topics().inFlight()).isEqualTo(1);
  }

  @Test
  void doesNotMissWhatTheBrokerNoLongerKeeps() {
    Instant twoDaysAgo = History.NOW.minus(Duration.ofDays(2));
    RequestId id = requestAt(twoDaysAgo);
    Bill bill = new Bill(RequestStatus.COMPLETED, 1, 5, 7);
    List<Entry> entries =
        List.of(
            new Entry.Accepted(id, twoDaysAgo.plusSeconds(60), true, Optional.empty()),
            new Entry.Attempted(id, 1),
            new Entry.Finished(id, bill, twoDaysAgo.plusSeconds(9), true, false),
            new Entry.Billed(id, bill, true),
            new Entry.UsageRow(id, bill),
            new Entry.RequestRow(id, Optional.of(RequestStatus.COMPLETED)));

    assertThat(audit(entries).count(DifferenceKind.WRONG_REPLIES)).isEqualTo(1);
    Findings findings =
        audit(entries, expiredBefore(Topics.REPLIES.name(), History.NOW.minus(Duration.ofDays(1))));
    assertThat(findings.differences()).isEmpty();
    assertThat(findings.expiredReplies()).isEqualTo(1);
  }

  @Test
  void judgesNoRepliesOfWhichItCannotReadWhatTheClientSaw() {
    RequestId id = requestAt(History.NOW.minusSeconds(300));
    Bill bill = new Bill(RequestStatus.COMPLETED, 1, 5, 7);
    List<Entry> entries =
        new ArrayList<>(
            List.of(
                new Entry.Accepted(id, History.NOW.minusSeconds(200), false, Optional.empty()),
                new Entry.Attempted(id, 1),
                new Entry.Finished(id, bill, History.NOW.minusSeconds(250), false, false),
                new Entry.Billed(id, bill, false),
                new Entry.RepliedUnreadably(id, header(id, 0, 0L, 0))));
    assertThat(audit(entries).differences()).isEmpty();

    // Fenced off, so no client sees it: what can be read must then be right.
    entries.set(4, new Entry.Replied(id, reply(id, 1, 11L, 0)));
    entries.add(new Entry.RepliedUnreadably(id, header(id, 0, 0L, 0)));
    assertThat(audit(entries).count(DifferenceKind.WRONG_REPLIES)).isEqualTo(1);
  }

  @Test
  void takesABodyWithoutARequestForNone() {
    RequestId id = requestAt(History.NOW.minusSeconds(300));

    Findings findings = audit(List.of(new Entry.BodyWritten(id, new BodyPosition(0, 5))));

    assertThat(findings.differences()).isEmpty();
    assertThat(findings.topics().accepted()).isZero();
  }

  private static ReplyHeader header(RequestId id, int attempt, long claim, int sequence) {
    return new ReplyHeader(id.toString(), attempt, claim, sequence, id.acceptedAt());
  }

  private static Reply reply(RequestId id, int attempt, long claim, int sequence) {
    return new Reply(
        id.toString(), attempt, claim, sequence, id.acceptedAt(), new Deltas(List.of()));
  }

  @Test
  void leavesRequestsAloneThatAreOlderThanTheLog() {
    Instant longAgo = History.NOW.minus(Duration.ofDays(8));
    RequestId id = requestAt(longAgo);
    Bill bill = new Bill(RequestStatus.FAILED, 0, 0, 0);
    List<Entry> entries =
        List.of(
            new Entry.Finished(id, bill, longAgo.plusSeconds(9), true, false),
            new Entry.Billed(id, bill, true),
            new Entry.UsageRow(id, bill),
            new Entry.RequestRow(id, Optional.of(RequestStatus.FAILED)));
    RetentionHorizons horizons =
        new RetentionHorizons(
            Map.of(
                Topics.REQUESTS.name(), History.NOW.minus(Duration.ofDays(7)),
                Topics.REPLIES.name(), History.NOW.minus(Duration.ofDays(1))));

    Findings findings = audit(entries, horizons);

    assertThat(findings.differences()).isEmpty();
    assertThat(findings.expiredRequests()).isEqualTo(1);
    assertThat(findings.topics().accepted()).isZero();
  }

  @Test
  void countsRecordsThatAreNotWrittenDownYet() {
    RequestId id = requestAt(History.NOW.minusSeconds(5));

    Findings findings =
        audit(
            List.of(new Entry.Accepted(id, History.NOW.plusSeconds(60), false, Optional.empty())));

    assertThat(findings.behind()).isEqualTo(1);
    assertThat(findings.differences()).isEmpty();
  }

  private static RequestId requestAt(Instant instant) {
    return RequestId.of(instant, 3, new Random(1));
  }

  private static RetentionHorizons expiredBefore(String topic, Instant instant) {
    return new RetentionHorizons(Map.of(topic, instant));
  }

  private static Findings audit(List<Entry> entries) {
    return audit(entries, RetentionHorizons.NONE);
  }

  private static Findings audit(List<Entry> entries, RetentionHorizons horizons) {
    Ledger ledger = new Ledger();
    entries.forEach(ledger::add);
    return ledger.close(horizons, History.NOW, GracePeriods.DEFAULT);
  }
}
