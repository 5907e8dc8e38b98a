package dev.tokenbus.chaos.client;

import java.util.Random;
import java.util.UUID;

/** What the clients of a load request. */
public enum Requests {
  /** Streams, whole answers and abandoned streams of several models, with pauses. */
  MIXED {
    @Override
    ClientRequest next(Random random) {
      String key = key(random);
      MockModel model = MockModel.ALL.get(random.nextInt(MockModel.ALL.size()));
      int dice = random.nextInt(20);
      ClientRequest.Kind kind =
          dice == 0
              ? ClientRequest.Kind.ABANDON
              : dice < 6 ? ClientRequest.Kind.WHOLE : ClientRequest.Kind.STREAM;
      return ClientRequest.of(key, model, kind);
    }

    @Override
    int pauseMillis(Random random) {
      return random.nextInt(LONGEST_PAUSE_MS);
    }

    @Override
    public int callsToKeep() {
      return 0;
    }
  },
  /** One long stream after another of a model that never says the same twice. */
  NEVER_THE_SAME {
    @Override
    ClientRequest next(Random random) {
      return ClientRequest.of(key(random), MockModel.NEVER_THE_SAME, ClientRequest.Kind.STREAM);
    }

    @Override
    int pauseMillis(Random random) {
      return 0;
    }

    @Override
    public int callsToKeep() {
      return MOST_CALLS;
    }
  };

  private static final int LONGEST_PAUSE_MS = 400;

  /** Hours of calls; an answer whose calls have been forgotten counts as wrong. */
  private static final int MOST_CALLS = 100_000;

  abstract ClientRequest next(Random random);

  /** Between two requests of a client. */
  abstract int pauseMillis(Random random);

  /** How many calls the provider must remember, for answers that nobody can foresee. */
  public abstract int callsToKeep();

  private static String key(Random random) {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }
}
