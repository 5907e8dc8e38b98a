package dev.tokenbus.workers.provider.simulated;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Delta;
import dev.tokenbus.schemas.avro.Finish;
import dev.tokenbus.schemas.avro.FinishReason;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextDelta;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UsageSource;
import dev.tokenbus.schemas.chat.TokenEstimate;
import dev.tokenbus.workers.provider.AnswerEnd;
import dev.tokenbus.workers.provider.AnswerHead;
import dev.tokenbus.workers.provider.AnswerListener;
import dev.tokenbus.workers.provider.ProviderCall;
import dev.tokenbus.workers.provider.ProviderRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One simulated answer. Runs on the thread that calls {@link #run}; may be cancelled from any. */
final class SimulatedCall implements ProviderCall {
  private static final String NAME = "simulated";

  private final SimulatedSettings settings;
  private final ProviderRequest request;
  private final AnswerListener listener;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final long startedAt = System.nanoTime();

  SimulatedCall(SimulatedSettings settings, ProviderRequest request, AnswerListener listener) {
    this.settings = settings;
    this.request = request;
    this.listener = listener;
  }

  @Override
  public void cancel() {
    cancelled.countDown();
  }

  void run() {
    ChatRequest body = request.body();
    Sampling sampling = body.getSampling();
    Long most = sampling.getMaxOutputTokens();
    boolean limited = most != null && most < settings.tokens();
    int count = limited ? (int) Math.max(1, most) : settings.tokens();
    int choices = sampling.getCandidates() == null ? 1 : Math.max(1, sampling.getCandidates());
    List<List<String>> texts = new ArrayList<>(choices);
    for (int choice = 0; choice < choices; choice++) {
      // The limit counts what is written now, not what a prefill says already.
      List<String> rest = continued(body, SimulatedText.tokens(body, choice, settings.tokens()));
      texts.add(rest.subList(0, Math.min(count, rest.size())));
    }
    if (!(body.getStream() ? stream(texts) : whole(texts, count))) {
      return;
    }
    FinishReason reason = limited ? FinishReason.LENGTH : FinishReason.STOP;
    String raw = limited ? "length" : "stop";
    List<Delta> ends = new ArrayList<>(choices);
    long output = 0;
    for (int choice = 0; choice < choices; choice++) {
      ends.add(new Delta(choice, new Finish(reason, raw), null, null));
      output += texts.get(choice).size();
    }
    listener.onDeltas(ends);
    listener.onCompleted(new AnswerEnd(usage(body, output), raw, null));
  }

  private boolean stream(List<List<String>> texts) {
    int longest = texts.stream().mapToInt(List::size).max().orElse(0);
    for (int token = 0; token < longest; token++) {
      if (!waitUntil(settings.due(token))) {
        return false;
      }
      if (token == 0) {
        head();
      }
      List<Delta> deltas = new ArrayList<>(texts.size());
      for (int choice = 0; choice < texts.size(); choice++) {
        if (token < texts.get(choice).size()) {
          deltas.add(new Delta(choice, new TextDelta(texts.get(choice).get(token)), null, null));
        }
      }
      listener.onDeltas(deltas);
    }
    return true;
  }

  private boolean whole(List<List<String>> texts, int count) {
    if (!waitUntil(settings.due(count - 1))) {
      return false;
    }
    head();
    List<Delta> deltas = new ArrayList<>(texts.size());
    for (int choice = 0; choice < texts.size(); choice++) {
      deltas.add(new Delta(choice, new TextDelta(String.join("", texts.get(choice))), null, null));
    }
    listener.onDeltas(deltas);
    return true;
  }

  private void head() {
    String asked = request.model();
    listener.onHead(
        new AnswerHead(
            asked.startsWith(NAME) ? asked : NAME + "/" + asked, null, null, null, null));
  }

  /**
   * Waits for the time, or for the call to be cancelled.
   *
   * @return false if the call was cancelled
   */
  private boolean waitUntil(Duration sinceStart) {
    try {
      long nanos = startedAt + sinceStart.toNanos() - System.nanoTime();
      return !cancelled.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Where the conversation ends with the beginning of the answer (prefill), only what is missing.
   */
  private static List<String> continued(ChatRequest body, List<String> tokens) {
    Message last = body.getMessages().isEmpty() ? null : body.getMessages().getLast();
    if (last == null || last.getRole() != Role.ASSISTANT) {
      return tokens;
    }
    StringBuilder given = new StringBuilder();
    for (Object part : last.getParts()) {
      if (part instanceof TextPart text) {
        given.append(text.getText());
      }
    }
    String whole = String.join("", tokens);
    if (given.isEmpty() || !whole.startsWith(given.toString())) {
      return tokens;
    }
    List<String> rest = new ArrayList<>();
    int at = 0;
    for (String token : tokens) {
      int end = at + token.length();
      if (end > given.length()) {
        rest.add(token.substring(Math.max(0, given.length() - at)));
      }
      at = end;
    }
    return rest;
  }

  private static TokenUsage usage(ChatRequest body, long output) {
    long input = TokenEstimate.of(body);
    return TokenUsage.newBuilder()
        .setInput(input)
        .setOutput(output)
        .setSource(UsageSource.PROVIDER)
        .setRaw(
            "{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}"
                .formatted(input, output, input + output))
        .build();
  }
}
