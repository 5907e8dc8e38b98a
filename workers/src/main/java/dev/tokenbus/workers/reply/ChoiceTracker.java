package dev.tokenbus.workers.reply;

import dev.tokenbus.schemas.avro.BlockStart;
import dev.tokenbus.schemas.avro.BlockStop;
import dev.tokenbus.schemas.avro.ChoiceState;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.OpenBlock;
import dev.tokenbus.schemas.avro.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tracks where each choice of an answer stands.
 *
 * <p>Not thread-safe.
 */
final class ChoiceTracker {
  private static final class State {
    private boolean finished;
    private int blocks;
    private int toolCalls;
    private final Map<Integer, OpenBlock> open = new TreeMap<>();
  }

  private final Map<Integer, State> choices = new TreeMap<>();

  void add(Delta delta) {
    State state = choices.computeIfAbsent(delta.getChoice(), unseen -> new State());
    Integer block = delta.getBlock();
    switch (delta.getContent()) {
      case Finish finish -> state.finished = true;
      case ToolCallDelta call -> state.toolCalls = Math.max(state.toolCalls, call.getIndex() + 1);
      case BlockStart start -> {
        int index = block == null ? state.blocks : block;
        state.blocks = Math.max(state.blocks, index + 1);
        state.open.put(
            index,
            new OpenBlock(
                index, start.getKind(), start.getItemId(), start.getId(), start.getName()));
      }
      case BlockStop stop -> {
        if (block != null) {
          state.open.remove(block);
        }
      }
      case null, default -> {
        // Changes nothing that is open.
      }
    }
  }

  List<ChoiceState> states() {
    List<ChoiceState> states = new ArrayList<>(choices.size());
    choices.forEach((choice, state) ->
        states.add(
            new ChoiceState(
                choice,
                state.finished,
                state.blocks,
                state.toolCalls,
                List.copyOf(state.open.values()))));
    return states;
  }
}
