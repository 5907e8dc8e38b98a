package dev.tokenbus.schemas.replies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Completed;
import dev.tokenbus.schemas.avro.Continuation;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Deltas;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Protocol;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.ReplyHeader;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.replies.ReplyFold.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplyFoldTest {
  private static final long A = 11;
  private static final long B = 22;

  @Test
  void letsOneUndisturbedAttemptThroughToItsEnd() {
    assertThat(verdicts(opened(1, A), text(1, A, 1, "x"), text(1, A, 2, "y"), completed(1, A, 3)))
        .containsExactly(Verdict.VISIBLE, Verdict.VISIBLE, Verdict.VISIBLE, Verdict.LAST);
  }

  @Test
  void beginsBehindACheckpointAsIfItHadReadEverythingBefore() {
    Reply checkpoint = reply(2, B, 7, checkpoint());
    ReplyFold fold = ReplyFold.behind(checkpoint);
    assertThat(fold.attempt()).isEqualTo(2);
    assertThat(fold.owner()).isEqualTo(B);
    assertThat(fold.accept(text(1, A, 9, "late"))).isEqualTo(Verdict.IGNORED);
    assertThat(fold.accept(text(2, A, 8, "rival"))).isEqualTo(Verdict.IGNORED);
    assertThat(fold.accept(checkpoint)).isEqualTo(Verdict.IGNORED);
    assertThat(fold.accept(text(2, B, 8, "x"))).isEqualTo(Verdict.VISIBLE);
    assertThat(fold.accept(completed(2, B, 9))).isEqualTo(Verdict.LAST);
  }

  @Test
  void missesWhatWasLostBehindACheckpoint() {
    ReplyFold fold = ReplyFold.behind(reply(1, A, 7, checkpoint()));
    assertThat(fold.accept(text(1, A, 9, "x"))).isEqualTo(Verdict.GAP);
  }

  @Test
  void beginsNowhereButBehindACheckpoint() {
    assertThatThrownBy(() -> ReplyFold.behind(text(1, A, 1, "x")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsARecordThatCannotBeReadFromOneThatIsMissing() {
    ReplyFold fold = new ReplyFold();
    assertThat(fold.accept(opened(1, A))).isEqualTo(Verdict.VISIBLE);
    assertThat(fold.accept(header(1, A, 1))).isEqualTo(Verdict.UNREADABLE);
    assertThat(fold.accept(header(1, B, 1))).isEqualTo(Verdict.IGNORED);
    assertThat(fold.accept(text(1, A, 2, "y"))).isEqualTo(Verdict.VISIBLE);
    assertThat(fold.accept(header(1, A, 4))).isEqualTo(Verdict.GAP);
    assertThat(fold.ended()).isFalse();
  }

  @Test
  void theFirstRunToOpenAnAttemptOwnsIt() {
    assertThat(
            verdicts(
                opened(1, A),
                opened(1, B),
                text(1, B, 1, "b"),
                text(1, A, 1, "a"),
                completed(1, B, 2)))
        .containsExactly(
            Verdict.VISIBLE, Verdict.IGNORED, Verdict.IGNORED, Verdict.VISIBLE, Verdict.IGNORED);
  }

  @Test
  void aHigherAttemptFencesOffEverythingOfLowerOnesBehindIt() {
    assertThat(
            verdicts(
                opened(1, A),
                text(1, A, 1, "x"),
                opened(2, B),
                text(1, A, 2, "late"),
                completed(1, A, 3),
                text(2, B, 1, "y"),
                completed(2, B, 2)))
        .containsExactly(
            Verdict.VISIBLE,
            Verdict.VISIBLE,
            Verdict.VISIBLE,
            Verdict.IGNORED,
            Verdict.IGNORED,
            Verdict.VISIBLE,
            Verdict.LAST);
  }

  @Test
  void repeatsAreIgnoredAndGapsEndWhatTheAttemptCanShow() {
    assertThat(
            verdicts(
                opened(1, A),
                opened(1, A),
                text(1, A, 1, "x"),
                text(1, A, 1, "x"),
                text(1, A, 3, "z"),
                text(1, A, 2, "y"),
                completed(1, A, 4),
                opened(2, B)))
        .containsExactly(
            Verdict.VISIBLE,
            Verdict.IGNORED,
            Verdict.VISIBLE,
            Verdict.IGNORED,
            Verdict.GAP,
            Verdict.GAP,
            Verdict.GAP,
            Verdict.VISIBLE);
  }

  @Test
  void nothingIsLetThroughBehindTheEnd() {
    assertThat(verdicts(opened(1, A), completed(1, A, 1), opened(2, B), text(2, B, 1, "x")))
        .containsExactly(Verdict.VISIBLE, Verdict.LAST, Verdict.IGNORED, Verdict.IGNORED);
  }

  @Test
  void anyInterleavingOfRepeatedAndSupersededRunsShowsAtMostOneEndAndNoTextTwice() {
    Random random = new Random(4);
    for (int round = 0; round < 2_000; round++) {
      ReplyFold fold = new ReplyFold();
      List<Reply> visible = new ArrayList<>();
      for (Reply reply : interleaved(random)) {
        Verdict verdict = fold.accept(reply);
        if (verdict == Verdict.VISIBLE || verdict == Verdict.LAST) {
          visible.add(reply);
        }
      }
      assertThat(visible.stream().filter(r -> r.getEvent() instanceof Completed))
          .hasSizeLessThanOrEqualTo(1);
      assertThat(visible).doesNotHaveDuplicates();
      assertThat(visible).isSortedAccordingTo((a, b) -> a.getAttempt() - b.getAttempt());
    }
  }

  /**
   * Runs of up to three attempts, two of some of them, records repeated, merged in random order.
   */
  private static List<Reply> interleaved(Random random) {
    List<List<Reply>> runs = new ArrayList<>();
    for (int attempt = 1; attempt <= 3; attempt++) {
      for (long claim = attempt * 10L; claim <= attempt * 10L + random.nextInt(2); claim++) {
        List<Reply> run = new ArrayList<>();
        run.add(opened(attempt, claim));
        int texts = random.nextInt(4);
        for (int sequence = 1; sequence <= texts; sequence++) {
          run.add(text(attempt, claim, sequence, "t" + sequence));
          if (random.nextInt(4) == 0) {
            run.add(run.getLast());
          }
        }
        if (random.nextBoolean()) {
          run.add(completed(attempt, claim, texts + 1));
        }
        runs.add(run);
      }
    }
    List<Reply> merged = new ArrayList<>();
    while (!runs.isEmpty()) {
      List<Reply> run = runs.get(random.nextInt(runs.size()));
      merged.add(run.removeFirst());
      if (run.isEmpty()) {
        runs.remove(run);
      }
    }
    return merged;
  }

  private static List<Verdict> verdicts(Reply... replies) {
    ReplyFold fold = new ReplyFold();
    return Arrays.stream(replies).map(fold::accept).toList();
  }

  private static Reply opened(int attempt, long claim) {
    return reply(
        attempt,
        claim,
        0,
        new Opened(
            "p",
            "m",
            Continuation.FRESH,
            null,
            null,
            "worker",
            1L,
            null,
            "openai",
            null,
            null,
            null));
  }

  private static Reply text(int attempt, long claim, int sequence, String text) {
    return reply(
        attempt,
        claim,
        sequence,
        new Deltas(List.of(new Delta(0, new TextDelta(text), null, null))));
  }

  private static Reply completed(int attempt, long claim, int sequence) {
    TokenUsage usage = TokenUsage.newBuilder().setInput(1).setOutput(2).build();
    return reply(attempt, claim, sequence, new Completed(usage, null, null));
  }

  private static Reply reply(int attempt, long claim, int sequence, Object event) {
    return new Reply("r", attempt, claim, sequence, Instant.EPOCH, event);
  }

  private static ReplyHeader header(int attempt, long claim, int sequence) {
    return new ReplyHeader("request", attempt, claim, sequence, Instant.EPOCH);
  }

  private static Checkpoint checkpoint() {
    return Checkpoint.newBuilder()
        .setRendering(
            Rendering.newBuilder()
                .setTenant("acme")
                .setKeyId("acme/web")
                .setProtocol(Protocol.OPENAI_CHAT)
                .setModelAsked("m")
                .setAcceptedAt(Instant.EPOCH)
                .setStream(true)
                .setIncludeUsage(false)
                .build())
        .setOpened(
            Opened.newBuilder()
                .setProvider("p")
                .setModel("m")
                .setWorkerId("w")
                .setWorkerEpoch(1)
                .build())
        .setChoices(List.of())
        .setOutput(List.of())
        .setUsageSoFar(TokenUsage.newBuilder().build())
        .build();
  }
}
