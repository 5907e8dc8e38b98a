package dev.tokenbus.workers.provider;

import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.TextDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Writes down what a listener hears, and that it hears it as the contract says. */
public class RecordedAnswer implements AnswerListener {
  private final List<Delta> deltas = new ArrayList<>();
  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private final List<String> breaches = new ArrayList<>();
  private volatile @Nullable AnswerHead head;
  private volatile @Nullable AnswerEnd end;
  private volatile @Nullable ProviderFailure failure;

  @Override
  public void onHead(AnswerHead given) {
    enter();
    if (head != null || reads.get() > 0) {
      breach("a second or late head");
    }
    head = given;
    inside.decrementAndGet();
  }

  @Override
  public void onDeltas(List<Delta> given) {
    enter();
    if (given.isEmpty()) {
      breach("empty output");
    }
    if (head == null) {
      breach("output before the head");
    }
    synchronized (this) {
      deltas.addAll(given);
    }
    reads.incrementAndGet();
    inside.decrementAndGet();
  }

  @Override
  public void onCompleted(AnswerEnd given) {
    enter();
    end = given;
    ends.incrementAndGet();
    inside.decrementAndGet();
  }

  @Override
  public void onFailed(ProviderFailure given) {
    enter();
    failure = given;
    ends.incrementAndGet();
    inside.decrementAndGet();
  }

  private void enter() {
    if (inside.getAndIncrement() != 0) {
      breach("two calls at once");
    }
    if (ends.get() > 0) {
      breach("a call after the end");
    }
  }

  private synchronized void breach(String what) {
    breaches.add(what);
  }

  public RecordedAnswer awaitEnd() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> ends.get() > 0);
    return this;
  }

  public void awaitOutput() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> reads.get() > 0);
  }

  public synchronized List<String> breaches() {
    return List.copyOf(breaches);
  }

  public synchronized List<Delta> deltas() {
    return List.copyOf(deltas);
  }

  public synchronized String text() {
    StringBuilder text = new StringBuilder();
    for (Delta delta : deltas) {
      if (delta.getChoice() == 0 && delta.getContent() instanceof TextDelta piece) {
        text.append(piece.getText());
      }
    }
    return text.toString();
  }

  public int reads() {
    return reads.get();
  }

  public int ends() {
    return ends.get();
  }

  public AnswerHead head() {
    return present(head, "head");
  }

  public AnswerEnd end() {
    return present(end, "complete end; failed with " + failure);
  }

  public ProviderFailure failure() {
    return present(failure, "failure");
  }

  private static <T> T present(@Nullable T value, String what) {
    if (value == null) {
      throw new AssertionError("The listener heard no " + what);
    }
    return value;
  }
}
