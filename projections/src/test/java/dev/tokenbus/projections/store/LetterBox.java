package dev.tokenbus.projections.store;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Takes dead letters, each at least once; now and then it dies behind them. */
final class LetterBox implements DeadLetterSink {
  private final Random random;
  private final Set<String> places = new TreeSet<>();

  LetterBox(Random random) {
    this.random = random;
  }

  @Override
  public void publish(List<Refused> refused) {
    refused.forEach(letter -> places.add(letter.partition() + "@" + letter.offset()));
    if (random.nextInt(3) == 0) {
      throw new SimulatedCrash();
    }
  }

  Set<String> places() {
    return places;
  }
}
