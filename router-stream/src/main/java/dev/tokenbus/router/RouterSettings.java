package dev.tokenbus.router;

import dev.tokenbus.router.lifecycle.Policy;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.config.Settings;
import java.time.Duration;

/**
 * Settings of a {@link RouterApp}.
 *
 * @param threads stream threads of this instance; threads beyond the number of partitions stay idle
 * @param standbys standby copies of each task's store on other instances, which take over without a
 *     restoration
 * @param commitInterval the most that is processed again after a crash
 * @param startGrace how long the punctuation is paused after a task was taken over
 * @param workerSilence silence after which a worker counts as dead
 * @param workerSilenceBesideOthers the same while another worker's heartbeats are steady; equal to
 *     the other to switch it off
 * @param policy limits and time-outs of attempts
 */
public record RouterSettings(
    int threads,
    int standbys,
    Duration commitInterval,
    Duration startGrace,
    Duration workerSilence,
    Duration workerSilenceBesideOthers,
    Policy policy) {

  public static final RouterSettings DEFAULT =
      new RouterSettings(
          1,
          0,
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofSeconds(1),
          Policy.DEFAULT);

  public RouterSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("The router needs at least one thread: " + threads);
    }
    if (standbys < 0) {
      throw new IllegalArgumentException("Standbys cannot be negative: " + standbys);
    }
    if (!commitInterval.isPositive() || !workerSilence.isPositive()) {
      throw new IllegalArgumentException(
          "Commit interval and worker silence must be positive: "
              + commitInterval
              + ", "
              + workerSilence);
    }
    if (!workerSilenceBesideOthers.isPositive()
        || workerSilenceBesideOthers.compareTo(workerSilence) > 0) {
      throw new IllegalArgumentException(
          "Worker silence beside others must be positive and not longer than worker silence: "
              + workerSilenceBesideOthers
              + ", "
              + workerSilence);
    }
    if (startGrace.isNegative()) {
      throw new IllegalArgumentException("The start grace cannot be negative: " + startGrace);
    }
  }

  /**
   * Reads the settings that the environment has; their names are in the module's RATIONALE.
   *
   * @throws IllegalArgumentException if a value is not a number or out of range; the message names
   *     it
   */
  public static RouterSettings from(Addresses addresses) {
    Settings environment = new Settings(addresses, "TOKENBUS_ROUTER_");
    Policy standard = Policy.DEFAULT;
    Policy policy =
        new Policy(
            environment.number("MAX_ATTEMPTS", standard.maxAttempts()),
            environment.number("MAX_LOSSES", standard.maxLosses()),
            environment.millis("BACKOFF_MS", standard.backoff()),
            environment.millis("MAX_BACKOFF_MS", standard.maxBackoff()),
            environment.millis("CATALOGUE_GRACE_MS", standard.catalogueGrace()),
            environment.millis("TOPIC_GRACE_MS", standard.topicGrace()),
            environment.millis("LOST_DISPATCH_MS", standard.lostDispatch()),
            environment.millis("NO_WORKER_MS", standard.noWorker()),
            environment.millis("STOPPING_MS", standard.stopping()),
            environment.millis("CLOSING_MS", standard.closing()),
            environment.millis("REPEAT_OUTCOME_MS", standard.repeatOutcome()),
            environment.millis("IDEMPOTENCY_MS", standard.idempotency()),
            environment.flag("CONTINUE_STREAMS", standard.continueStreams()));
    Duration silence = environment.millis("WORKER_SILENCE_MS", DEFAULT.workerSilence());
    Duration besideOthers =
        policy.continueStreams() ? DEFAULT.workerSilenceBesideOthers() : silence;
    return new RouterSettings(
        environment.number("THREADS", DEFAULT.threads()),
        environment.number("STANDBYS", DEFAULT.standbys()),
        environment.millis("COMMIT_INTERVAL_MS", DEFAULT.commitInterval()),
        environment.millis("START_GRACE_MS", DEFAULT.startGrace()),
        silence,
        environment.millis(
            "WORKER_SILENCE_BESIDE_OTHERS_MS",
            besideOthers.compareTo(silence) < 0 ? besideOthers : silence),
        policy);
  }
}
