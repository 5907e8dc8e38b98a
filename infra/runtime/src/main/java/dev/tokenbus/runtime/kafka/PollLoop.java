package dev.tokenbus.runtime.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that owns one consumer, made and closed there, and never ends before {@link #close}.
 *
 * <p>Failures have one behaviour. A record whose task throws, for example because the schema
 * registry is away, is handed over again with a back-off of 0.1 s to 5 s; the records behind it
 * wait and none is skipped, while other partitions go on. When the consumer itself fails, or an
 * {@link Error} is thrown, a new one goes on where it stopped. Meanwhile {@link #ready} says no.
 *
 * <p>Partitions are assigned by the task and not by a group; nothing is committed. Thread-safe.
 */
public final class PollLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PollLoop.class);

  /** A fetch is answered at least every half second; this long without an answer is an absence. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private final String name;
  private final Duration tick;
  private final Backoff backoff;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final PollTask task;
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final HeldPartitions held;
  private final BrokerSilence silence = new BrokerSilence();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable Consumer<String, byte[]> current;
  private volatile boolean working;
  private int failures;

  PollLoop(
      String name,
      Duration tick,
      Backoff backoff,
      Supplier<Consumer<String, byte[]>> consumers,
      PollTask task) {
    this.name = name;
    this.tick = tick;
    this.backoff = backoff;
    this.consumers = consumers;
    this.task = task;
    held = new HeldPartitions(backoff);
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /**
   * Starts the thread.
   *
   * @param name of the thread and in logs
   * @param tick how long a poll waits at most, and so how often {@link PollTask#polled} is called
   * @param consumers makes a consumer that is assigned nothing yet and commits nothing
   */
  public static PollLoop start(
      String name, Duration tick, Supplier<Consumer<String, byte[]>> consumers, PollTask task) {
    PollLoop loop = new PollLoop(name, tick, Backoff.STANDARD, consumers, task);
    loop.thread.start();
    return loop;
  }

  void start() {
    thread.start();
  }

  /** Whether the task has begun, nothing is being retried, and the broker answers. */
  public boolean ready() {
    return working
        && held.isEmpty()
        && thread.isAlive()
        && !closed()
        && silence.duration().compareTo(SILENCE) < 0;
  }

  /** How long ago the broker last answered; while all is well, less than a second. */
  public Duration silence() {
    return silence.duration();
  }

  private void run() {
    while (!closed()) {
      try (Consumer<String, byte[]> consumer = consumers.get()) {
        current = consumer;
        begin(consumer);
        while (!closed()) {
          step(consumer);
        }
      } catch (WakeupException e) {
        LOG.atDebug().addKeyValue("loop", name).log("poll loop was woken");
      } catch (RuntimeException | Error e) {
        // An error too: whoever reads with this loop would wait for a dead thread for ever.
        failed(e, "poll loop goes on with a new consumer");
      } finally {
        current = null;
      }
    }
  }

  private void begin(Consumer<String, byte[]> consumer) {
    if (positions.isEmpty()) {
      positions.putAll(task.begin(consumer));
    }
    consumer.assign(positions.keySet());
    positions.forEach(consumer::seek);
    held.forgetPauses();
    silence.look(consumer);
    // What need not wait for a record, such as to have reached the end of an empty topic.
    task.polled(consumer);
    if (failures == 0) {
      working = true;
    }
  }

  private void step(Consumer<String, byte[]> consumer) {
    held.resumeDue(consumer);
    ConsumerRecords<String, byte[]> records = consumer.poll(held.pollTime(tick));
    silence.look(consumer);
    for (TopicPartition partition : records.partitions()) {
      takeAll(consumer, partition, records.records(partition));
    }
    try {
      task.polled(consumer);
      failures = 0;
      working = true;
    } catch (WakeupException e) {
      throw e;
    } catch (RuntimeException e) {
      failed(e, "poll loop could not finish its poll");
    }
  }

  private void takeAll(
      Consumer<String, byte[]> consumer,
      TopicPartition partition,
      List<ConsumerRecord<String, byte[]>> records) {
    for (ConsumerRecord<String, byte[]> record : records) {
      if (closed()) {
        return;
      }
      try {
        task.take(record);
      } catch (WakeupException e) {
        throw e;
      } catch (RuntimeException e) {
        LOG.atWarn()
            .addKeyValue("loop", name)
            .addKeyValue("partition", partition)
            .addKeyValue("offset", record.offset())
            .setCause(e)
            .log("record could not be taken and is retried");
        held.hold(consumer, partition, record);
        return;
      }
      held.taken(partition);
      positions.put(partition, record.offset() + 1);
    }
  }

  private void failed(Throwable cause, String what) {
    if (closed()) {
      LOG.atDebug().addKeyValue("loop", name).setCause(cause).log("poll loop failed while closing");
      return;
    }
    working = false;
    failures++;
    LOG.atError().addKeyValue("loop", name).setCause(cause).log(what);
    try {
      if (closing.await(backoff.after(failures).toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atDebug().addKeyValue("loop", name).log("poll loop closes during a back-off");
      }
    } catch (InterruptedException e) {
      // Nobody but a test interrupts this thread, and only close() ends it.
      LOG.atDebug().addKeyValue("loop", name).log("poll loop was interrupted");
    }
  }

  private boolean closed() {
    return closing.getCount() == 0;
  }

  /** Ends the thread and closes the consumer; waits for both. Not to be called by the task. */
  @Override
  public void close() {
    closing.countDown();
    Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
