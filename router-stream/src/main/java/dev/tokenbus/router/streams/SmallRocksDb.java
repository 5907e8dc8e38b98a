package dev.tokenbus.router.streams;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/**
 * Settings of RocksDB for small values. By default each store of each partition keeps up to 48 MB
 * of new writes and 50 MB of blocks in memory; entries are looked up while they are new, and the
 * filter answers for an absent key without a read.
 *
 * <p>Kafka Streams creates it by name.
 */
public final class SmallRocksDb implements RocksDBConfigSetter {
  private static final long MEMTABLE_BYTES = 4L << 20;
  private static final long CACHE_BYTES = 8L << 20;

  private final Map<String, Cache> caches = new ConcurrentHashMap<>();

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    options.setWriteBufferSize(MEMTABLE_BYTES);
    options.setMaxWriteBufferNumber(2);
    if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
      Cache cache = new LRUCache(CACHE_BYTES);
      caches.put(storeName, cache);
      table.setBlockCache(cache);
      table.setCacheIndexAndFilterBlocks(true);
      options.setTableFormatConfig(table);
    }
  }

  @Override
  public void close(String storeName, Options options) {
    Cache cache = caches.remove(storeName);
    if (cache != null) {
      cache.close();
    }
  }
}
