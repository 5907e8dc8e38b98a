package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.http.HttpRequest;
import dev.tokenbus.bench.provider.encoding.Answer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers the latest requests, bounded by number and by bytes. Safe for any thread. */
final class RequestJournal {
  private static final long MAX_BODY_BYTES = 256L * 1024 * 1024;

  private final InstantSource clock;
  private final int most;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private long bodyBytes;
  private long count;
  private int open;

  RequestJournal(InstantSource clock, int most) {
    this.clock = clock;
    this.most = most;
  }

  synchronized Entry add(HttpRequest request) {
    count++;
    open++;
    Entry entry = new Entry(count, request, clock.instant());
    if (most > 0) {
      entries.add(entry);
      bodyBytes += request.body().length;
      while (entries.size() > most || (bodyBytes > MAX_BODY_BYTES && entries.size() > 1)) {
        bodyBytes -= entries.remove().request.body().length;
      }
    }
    return entry;
  }

  synchronized long count() {
    return count;
  }

  synchronized int open() {
    return open;
  }

  synchronized List<ReceivedRequest> all() {
    return entries.stream().map(Entry::snapshot).toList();
  }

  synchronized void forget() {
    entries.clear();
    bodyBytes = 0;
  }

  /** One request; its fields are guarded by the journal. */
  final class Entry {
    private final long number;
    private final HttpRequest request;
    private final Instant at;
    private volatile @Nullable Answer answer;
    private volatile int tokensSent;
    private ReceivedRequest.Ending ending = ReceivedRequest.Ending.OPEN;
    private Optional<Duration> endedAfter = Optional.empty();

    private Entry(long number, HttpRequest request, Instant at) {
      this.number = number;
      this.request = request;
      this.at = at;
    }

    /** This is what is going to be said. */
    void answered(Answer whole) {
      answer = whole;
    }

    /** So many tokens are sent; called for every token, so it takes no lock. */
    void sent(int tokens) {
      tokensSent = tokens;
    }

    /** The first end counts. */
    void ended(ReceivedRequest.Ending how) {
      synchronized (RequestJournal.this) {
        if (ending == ReceivedRequest.Ending.OPEN) {
          ending = how;
          endedAfter = Optional.of(Duration.ofNanos(System.nanoTime() - request.receivedNanos()));
          open--;
        }
      }
    }

    private ReceivedRequest snapshot() {
      Answer whole = answer;
      return new ReceivedRequest(
          number,
          request.method(),
          request.path(),
          request.headers(),
          request.body(),
          at,
          whole == null ? List.of() : whole.text(),
          tokensSent,
          ending,
          endedAfter);
    }
  }
}
