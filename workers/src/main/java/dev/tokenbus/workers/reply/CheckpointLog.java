package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.avro.Checkpoint;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Opened;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one stream: what the next one says, given which of those before stand on the
 * log. Each holds the output since the one before. Every 32nd holds the output of its whole group,
 * and the later ones name it instead of its group, so that the checkpoints of an hour are about 55
 * records.
 *
 * <p>Not thread-safe, except {@link #acknowledged}.
 */
final class CheckpointLog {
  static final int GROUP = 32;

  private final Rendering rendering;
  private final ChoiceTracker choices = new ChoiceTracker();
  private final List<Long> groups = new ArrayList<>();
  private final List<Long> inGroup = new ArrayList<>();

  /** Since the last group ended, and since the last checkpoint, without what {@code later} has. */
  private JoinedOutput group = new JoinedOutput();

  private JoinedOutput recent = new JoinedOutput();

  /** Since the checkpoint that is on its way to the broker; null while none is. */
  private @Nullable JoinedOutput later;

  private int written;
  private boolean endsGroup;
  private volatile long acknowledged = -1;

  CheckpointLog(Rendering rendering) {
    this.rendering = rendering;
  }

  /**
   * Goes on from checkpoints of earlier attempts.
   *
   * @param checkpoints offsets of those that hold the beginning of the output
   * @param before the output in them
   * @param since the output behind them
   */
  void continues(List<Long> checkpoints, List<Delta> before, List<Delta> since) {
    groups.addAll(checkpoints);
    before.forEach(choices::add);
    add(since);
  }

  /** Output that has been written. */
  void add(List<Delta> deltas) {
    settle();
    deltas.forEach(choices::add);
    if (later == null) {
      recent.addAll(deltas);
      group.addAll(deltas);
    } else {
      later.addAll(deltas);
    }
  }

  /** Characters that the next checkpoint would hold. */
  long characters() {
    return recent.characters();
  }

  /**
   * Makes the checkpoint that stands behind the output so far.
   *
   * @return null while the one before is on its way, and where no record could hold the output:
   *     then the stream is read from its last checkpoint or its beginning
   */
  @Nullable Checkpoint next(Opened opened, TokenUsage usage) {
    settle();
    if (later != null || recent.characters() > DeltaSplitter.MOST_CHARACTERS) {
      return null;
    }
    written++;
    endsGroup = written % GROUP == 0 && group.characters() <= DeltaSplitter.MOST_CHARACTERS;
    List<Long> previous = new ArrayList<>(groups);
    if (!endsGroup) {
      previous.addAll(inGroup);
    }
    later = new JoinedOutput();
    return Checkpoint.newBuilder()
        .setRendering(rendering)
        .setOpened(opened)
        .setChoices(choices.states())
        .setOutput(endsGroup ? group.deltas() : recent.deltas())
        .setPrevious(previous)
        .setUsageSoFar(usage)
        .build();
  }

  /** The last checkpoint stands at this offset. May be called from any thread. */
  void acknowledged(long offset) {
    acknowledged = offset;
  }

  private void settle() {
    JoinedOutput since = later;
    long offset = acknowledged;
    if (since == null || offset < 0) {
      return;
    }
    acknowledged = -1;
    later = null;
    if (endsGroup) {
      groups.add(offset);
      inGroup.clear();
      group = new JoinedOutput();
    } else {
      inGroup.add(offset);
    }
    recent = since;
    group.addAll(since.deltas());
  }
}
