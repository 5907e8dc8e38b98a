package dev.tokenbus.embedded;

import java.time.Duration;

/**
 * Is told how the start goes. The parts start at the same time, each on its own thread, so calls
 * come from several threads; those for one part come in order.
 */
public interface StartProgress {
  /** Tells nobody. */
  StartProgress SILENT =
      new StartProgress() {
        @Override
        public void starting(BackbonePart part) {}

        @Override
        public void ready(BackbonePart part, Duration took) {}
      };

  /** The part begins to start. */
  void starting(BackbonePart part);

  /**
   * The part takes requests. A part that fails is not reported here: the start ends with its
   * exception.
   */
  void ready(BackbonePart part, Duration took);
}
