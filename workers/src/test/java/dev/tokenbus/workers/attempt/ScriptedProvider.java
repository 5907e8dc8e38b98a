package dev.tokenbus.workers.attempt;

import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.Provider;
import dev.tokenbus.workers.provider.ProviderCall;
import dev.tokenbus.workers.provider.ProviderRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** Plays one script for each call, on the thread that makes it. */
final class ScriptedProvider implements Provider {
  private final Deque<Consumer<AnswerListener>> scripts = new ArrayDeque<>();
  final List<ProviderRequest> asked = new ArrayList<>();
  final List<AnswerListener> listeners = new ArrayList<>();

  /** Numbers of the calls that were broken off, from 1. */
  final List<Integer> cancelled = new ArrayList<>();

  @SafeVarargs
  ScriptedProvider(Consumer<AnswerListener>... scripts) {
    for (Consumer<AnswerListener> script : scripts) {
      this.scripts.add(script);
    }
  }

  @Override
  public ProviderCall start(ProviderRequest request, AnswerListener listener) {
    asked.add(request);
    int number = asked.size();
    listeners.add(listener);
    scripts.removeFirst().accept(listener);
    return () -> cancelled.add(number);
  }

  @Override
  public String dialect() {
    return "openai";
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
