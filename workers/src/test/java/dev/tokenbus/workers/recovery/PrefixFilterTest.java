package dev.tokenbus.workers.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.RawDelta;
import dev.tokenbus.schemas.avro.ReasoningDelta;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefixFilterTest {
  @Test
  void swallowsWhatWasDeliveredHoweverItIsCut() throws PrefixFilter.DivergedException {
    PrefixFilter filter = new PrefixFilter(List.of(text("Hel"), text("lo wor")));

    assertThat(filter.accept(List.of(text("H")))).isEmpty();
    assertThat(filter.accept(List.of(text("ello "), text("world")))).containsExactly(text("ld"));
    assertThat(filter.done()).isTrue();
    assertThat(filter.accept(List.of(text("!")))).containsExactly(text("!"));
  }

  @Test
  void noticesAnotherText() {
    PrefixFilter filter = new PrefixFilter(List.of(text("Hello")));

    assertThatThrownBy(() -> filter.accept(List.of(text("Help"))))
        .isInstanceOf(PrefixFilter.DivergedException.class);
  }

  @Test
  void noticesAnotherKindOfOutput() {
    PrefixFilter filter = new PrefixFilter(List.of(thought("hm"), text("Hello")));

    assertThatThrownBy(() -> filter.accept(List.of(thought("hm"), thought(" so"))))
        .isInstanceOf(PrefixFilter.DivergedException.class);
    assertThatThrownBy(() -> new PrefixFilter(List.of(text("a"))).accept(List.of(thought("a"))))
        .isInstanceOf(PrefixFilter.DivergedException.class);
  }

  @Test
  void keepsTheChoicesApart() throws PrefixFilter.DivergedException {
    PrefixFilter filter = new PrefixFilter(List.of(text("ab"), choice(1, "xy")));

    assertThat(filter.accept(List.of(choice(1, "xyz"), text("a")))).containsExactly(choice(1, "z"));
    assertThat(filter.done()).isFalse();
    assertThat(filter.accept(List.of(text("bc")))).containsExactly(text("c"));
  }

  @Test
  void continuesAToolCallWithoutItsNewId() throws PrefixFilter.DivergedException {
    PrefixFilter filter =
        new PrefixFilter(List.of(call(0, "call_1", "f", ""), call(0, null, null, "{\"a\":")));

    assertThat(filter.accept(List.of(call(0, "call_2", "f", "{\"a\":1"), call(0, null, null, "}"))))
        .containsExactly(call(0, null, null, "1"), call(0, null, null, "}"));
  }

  @Test
  void noticesAnotherFunction() {
    PrefixFilter filter = new PrefixFilter(List.of(call(0, "a", "f", "{}")));

    assertThatThrownBy(() -> filter.accept(List.of(call(0, "b", "g", "{}"))))
        .isInstanceOf(PrefixFilter.DivergedException.class);
  }

  @Test
  void isNotDoneWithAnAnswerThatIsTooShort() throws PrefixFilter.DivergedException {
    PrefixFilter filter = new PrefixFilter(List.of(text("Hello")));

    assertThat(filter.accept(List.of(text("Hel"), finish("stop")))).isEmpty();
    assertThat(filter.done()).isFalse();
  }

  @Test
  void noticesALaterEnd() {
    PrefixFilter filter = new PrefixFilter(List.of(text("a"), finish("stop"), choice(1, "b")));

    assertThatThrownBy(() -> filter.accept(List.of(text("ab"))))
        .isInstanceOf(PrefixFilter.DivergedException.class);
  }

  @Test
  void letsThroughExactlyTheRestForEveryPrefixAndEveryCut() throws PrefixFilter.DivergedException {
    Random random = new Random(3);
    for (int round = 0; round < 2_000; round++) {
      List<Delta> whole = answer(random);
      String said = said(whole);
      List<Delta> delivered = recut(whole, random).subList(0, random.nextInt(5));
      PrefixFilter filter = new PrefixFilter(delivered);

      List<Delta> rest = new ArrayList<>();
      for (Delta delta : recut(whole, random)) {
        rest.addAll(filter.accept(List.of(delta)));
      }

      assertThat(said(delivered) + said(rest)).isEqualTo(said);
      assertThat(filter.done()).isTrue();
    }
  }

  /** An answer of reasoning, text and raw output in one choice, at least five pieces when cut. */
  private static List<Delta> answer(Random random) {
    List<Delta> deltas = new ArrayList<>();
    deltas.add(thought("thinking " + random.nextInt(10)));
    deltas.add(text("text 🙂 " + random.nextInt(10)));
    deltas.add(
        new Delta(0, new RawDelta("openai", "{\"a\":" + random.nextInt(10) + "}"), null, null));
    deltas.add(text(" more"));
    deltas.add(finish("stop"));
    return deltas;
  }

  private static List<Delta> recut(List<Delta> whole, Random random) {
    List<Delta> pieces = new ArrayList<>();
    for (Delta delta : whole) {
      if (delta.getContent() instanceof TextDelta text && text.getText().length() > 1) {
        int at = 1 + random.nextInt(text.getText().length() - 1);
        pieces.add(text(text.getText().substring(0, at)));
        pieces.add(text(text.getText().substring(at)));
      } else {
        pieces.add(delta);
      }
    }
    return pieces;
  }

  private static String said(List<Delta> deltas) {
    StringBuilder said = new StringBuilder();
    for (Delta delta : deltas) {
      said.append(
          switch (delta.getContent()) {
            case TextDelta text -> text.getText();
            case ReasoningDelta thought -> "<" + thought.getText() + ">";
            case RawDelta raw -> raw.getJson();
            case Finish finish -> "[" + finish.getRaw() + "]";
            default -> throw new IllegalArgumentException(delta.toString());
          });
    }
    return said.toString();
  }

  private static Delta text(String text) {
    return choice(0, text);
  }

  private static Delta choice(int choice, String text) {
    return new Delta(choice, new TextDelta(text), null, null);
  }

  private static Delta thought(String text) {
    return new Delta(0, new ReasoningDelta(text, null, "reasoning"), null, null);
  }

  private static Delta finish(String raw) {
    return new Delta(0, new Finish(FinishReason.STOP, raw), null, null);
  }

  private static Delta call(
      int index,
      @org.jspecify.annotations.Nullable String id,
      @org.jspecify.annotations.Nullable String name,
      String arguments) {
    return new Delta(0, new ToolCallDelta(index, id, name, arguments, null), null, null);
  }
}
