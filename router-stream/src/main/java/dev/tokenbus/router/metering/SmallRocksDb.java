package dev.tokenbus.router.metering;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * Settings of RocksDB for a store of ids. By default each segment of each partition keeps up to 48
 * MB of new writes in memory; ids are looked up while they are new, and the filter answers for an
 * absent id without a read.
 *
 * <p>Kafka Streams creates it by name.
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
