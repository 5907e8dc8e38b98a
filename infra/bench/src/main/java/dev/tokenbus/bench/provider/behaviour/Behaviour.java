package dev.tokenbus.bench.provider.behaviour;

/**
 * Everything about an answer that the request does not decide.
 *
 * @param faultTimes the fault strikes the first so many requests of a model with one and the same
 *     prompt, later ones succeed; 0 strikes always
 */
public record Behaviour(
    Pace pace, Content content, Wire wire, ProviderFault fault, int faultTimes) {
  /** Sixteen tokens at once, without a fault. */
  public static final Behaviour PLAIN =
      new Behaviour(Pace.IMMEDIATE, Content.PLAIN, Wire.PLAIN, new ProviderFault.None(), 0);

  public Behaviour {
    if (faultTimes < 0) {
      throw new IllegalArgumentException("faultTimes must not be negative: " + faultTimes);
    }
  }

  /**
   * {@link #PLAIN} changed by what stands behind {@code mock/} in a model's name, such as {@code
   * 64x20ms/cut-10}; {@link BehaviourSyntax} lists the words.
   *
   * @throws IllegalArgumentException naming the part that is not understood
   */
  public static Behaviour of(String words) {
    return BehaviourSyntax.apply(words, PLAIN);
  }

  public Behaviour withPace(Pace value) {
    return new Behaviour(value, content, wire, fault, faultTimes);
  }

  public Behaviour withContent(Content value) {
    return new Behaviour(pace, value, wire, fault, faultTimes);
  }

  public Behaviour withWire(Wire value) {
    return new Behaviour(pace, content, value, fault, faultTimes);
  }

  public Behaviour withFault(ProviderFault value) {
    return new Behaviour(pace, content, wire, value, faultTimes);
  }

  public Behaviour withFaultTimes(int value) {
    return new Behaviour(pace, content, wire, fault, value);
  }
}
