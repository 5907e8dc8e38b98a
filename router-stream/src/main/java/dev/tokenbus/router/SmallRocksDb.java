package dev.tokenbus.router;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * RocksDB for ids alone. Kafka Streams' defaults let each segment of each partition keep 48 MB of
 * what was just written in memory; an id is looked up when it is new, and that it is not there the
 * filter says without reading.
 *
 * <p>Made by Kafka Streams, by name.
 */
public final class SmallRocksDb implements RocksDBConfigSetter {
  private static final long MEMTABLE_BYTES = 1L << 20;

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    options.setWriteBufferSize(MEMTABLE_BYTES);
    options.setMaxWriteBufferNumber(2);
  }

  @Override
  public void close(String storeName, Options options) {}
}
