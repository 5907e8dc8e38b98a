package dev.tokenbus.ingress.replies.live;

import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.serde.RecordDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The reply bridges of an instance: that of its own partition for as long as it runs, and those of
 * other partitions while somebody reads a request that another instance accepted. However many
 * clients come back at once, one bridge reads a partition.
 *
 * <p>Thread-safe.
 */
public final class ReplyBridges implements AutoCloseable {
  private final Supplier<Map<String, Object>> settings;
  private final RecordDecoder<Reply> decoder;
  private final int partitions;
  private final ReplyBridge own;
  private final Map<Integer, Shared> foreign = new HashMap<>();
  private boolean closed;

  private ReplyBridges(
      Supplier<Map<String, Object>> settings,
      RecordDecoder<Reply> decoder,
      int partitions,
      ReplyBridge own) {
    this.settings = settings;
    this.decoder = decoder;
    this.partitions = partitions;
    this.own = own;
  }

  /**
   * Starts reading the instance's own partition.
   *
   * @param settings supplies the settings of a consumer, without deserializers; a new map per call
   * @param partitions the number of partitions of {@code replies}
   */
  public static ReplyBridges start(
      Supplier<Map<String, Object>> settings,
      RecordDecoder<Reply> decoder,
      int ownPartition,
      int partitions) {
    return new ReplyBridges(
        settings, decoder, partitions, ReplyBridge.start(settings.get(), decoder, ownPartition));
  }

  /** The bridge of the requests that this instance accepts. */
  public ReplyBridge own() {
    return own;
  }

  /** Whether the partition exists. */
  public boolean exists(int partition) {
    return partition < partitions;
  }

  /** As {@link ReplyBridge#failAll}, for all of them. */
  public void failAll(RuntimeException reason) {
    own.failAll(reason);
    synchronized (this) {
      foreign.values().forEach(shared -> shared.bridge.failAll(reason));
    }
  }

  /** Leases the bridge of a partition, and starts it for the first lease. */
  public synchronized Lease lease(int partition) {
    if (partition == own.partition()) {
      return new Lease(own, () -> {});
    }
    if (closed) {
      throw new IllegalStateException("This instance is shutting down");
    }
    Shared shared =
        foreign.computeIfAbsent(
            partition, p -> new Shared(ReplyBridge.start(settings.get(), decoder, p)));
    shared.leases++;
    return new Lease(shared.bridge, () -> giveBack(partition, shared));
  }

  private void giveBack(int partition, Shared shared) {
    synchronized (this) {
      shared.leases--;
      if (shared.leases > 0 || !foreign.remove(partition, shared)) {
        return;
      }
    }
    shared.bridge.close();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      foreign.values().forEach(shared -> shared.bridge.close());
      foreign.clear();
    }
    own.close();
  }

  private static final class Shared {
    private final ReplyBridge bridge;
    private int leases;

    private Shared(ReplyBridge bridge) {
      this.bridge = bridge;
    }
  }

  /**
   * A share in a bridge.
   *
   * @param giveBack to be run once
   */
  public record Lease(ReplyBridge bridge, Runnable giveBack) {}
}
