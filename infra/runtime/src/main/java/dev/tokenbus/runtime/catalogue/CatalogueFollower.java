package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.runtime.kafka.Follow;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.runtime.kafka.StartAt;
import dev.tokenbus.runtime.kafka.TopicFollower;
import dev.tokenbus.runtime.kafka.TopicListener;
import dev.tokenbus.runtime.kafka.TopicRecord;
import dev.tokenbus.schemas.avro.ApiKeyRecord;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the catalogue of a process up to date with its two topics. Everybody reads the latest
 * snapshot without waiting. What one application of a file wrote is seen as a whole. An entry that
 * this version cannot read leaves the one before it in force.
 *
 * <p>Never stops to follow: while the broker or the schema registry is away the snapshot stays what
 * it was, {@link #ready} says no, and nothing is skipped. Thread-safe.
 */
public final class CatalogueFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogueFollower.class);

  private final CatalogueView view = new CatalogueView();
  private final List<Consumer<Catalogue>> listeners = new CopyOnWriteArrayList<>();
  private final TopicFollower<CatalogueEntry> entries;
  private final TopicFollower<ApiKeyRecord> keys;
  private volatile Catalogue current = Catalogue.EMPTY;

  private CatalogueFollower(KafkaSettings kafka, TopicSchemas schemas) {
    entries =
        TopicFollower.start(
            kafka,
            Follow.of(
                "catalogue",
                Topics.CATALOGUE,
                new StartAt.Beginning(),
                schemas.decoder(CatalogueEntry.class),
                new Listener<>(view::entry)));
    keys =
        TopicFollower.start(
            kafka,
            Follow.of(
                "catalogue-keys",
                Topics.KEYS,
                new StartAt.Beginning(),
                schemas.decoder(ApiKeyRecord.class),
                new Listener<>(view::key)));
  }

  /**
   * Returns when the catalogue has been read to the end it had at the time of the call.
   *
   * @throws IllegalStateException if that takes longer than the time-out
   */
  public static CatalogueFollower start(
      KafkaSettings kafka, TopicSchemas schemas, Duration timeout) {
    CatalogueFollower follower = new CatalogueFollower(kafka, schemas);
    try {
      CompletableFuture.allOf(follower.entries.caughtUp(), follower.keys.caughtUp())
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      follower.publish();
      return follower;
    } catch (TimeoutException e) {
      follower.close();
      throw new IllegalStateException("The catalogue could not be read in " + timeout, e);
    } catch (ExecutionException e) {
      follower.close();
      throw new IllegalStateException("Cannot happen: catching up does not fail", e);
    } catch (InterruptedException e) {
      follower.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reading the catalogue", e);
    }
  }

  /** The catalogue as it is now. */
  public Catalogue current() {
    return current;
  }

  /** Whether the snapshot is being kept up to date. */
  public boolean ready() {
    return entries.ready() && keys.ready();
  }

  /**
   * Calls the listener with the present catalogue, and again after every change, on a follower's
   * thread; it must not block for long. A listener's exception is logged and does not stop the
   * follower.
   */
  public void onChange(Consumer<Catalogue> listener) {
    synchronized (view) {
      listeners.add(listener);
      listener.accept(current);
    }
  }

  private void publish() {
    synchronized (view) {
      Catalogue catalogue = view.snapshot();
      current = catalogue;
      for (Consumer<Catalogue> listener : listeners) {
        try {
          listener.accept(catalogue);
        } catch (RuntimeException e) {
          LOG.atError().setCause(e).log("catalogue listener failed");
        }
      }
    }
  }

  @Override
  public void close() {
    keys.close();
    entries.close();
  }

  private final class Listener<T> implements TopicListener<T> {
    private final BiConsumer<String, @Nullable T> target;
    private boolean begun;

    private Listener(BiConsumer<String, @Nullable T> target) {
      this.target = target;
    }

    @Override
    public boolean wants(@Nullable String key) {
      return key != null;
    }

    @Override
    public void take(TopicRecord<T> record) {
      String key = record.source().key();
      synchronized (view) {
        switch (record) {
          case TopicRecord.Present<T>(_, T value) -> target.accept(key, value);
          case TopicRecord.Tombstone<T> _ -> target.accept(key, null);
          case TopicRecord.Unreadable<T> unreadable ->
              LOG.atError()
                  .addKeyValue("key", key)
                  .addKeyValue("offset", record.source().offset())
                  .setCause(unreadable.why().reason())
                  .log("catalogue entry cannot be read; what it replaces stays in force");
        }
      }
    }

    @Override
    public void reachedEnd() {
      // The first end is told by start(), when both topics have been read.
      if (begun) {
        publish();
      }
      begun = true;
    }
  }
}
