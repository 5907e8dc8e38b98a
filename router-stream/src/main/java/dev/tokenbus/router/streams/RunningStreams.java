package dev.tokenbus.router.streams;

/** A Kafka Streams application that was started. */
interface RunningStreams extends AutoCloseable {
  /** Whether its tasks are assigned and restored. */
  boolean ready();

  @Override
  void close();
}
