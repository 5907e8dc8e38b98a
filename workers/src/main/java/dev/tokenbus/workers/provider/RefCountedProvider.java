package dev.tokenbus.workers.provider;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A provider that is closed when it has been replaced and its last call has ended.
 *
 * <p>Thread-safe.
 */
public final class RefCountedProvider {
  private final Provider provider;
  private int leases;
  private boolean retired;
  private boolean closed;

  public RefCountedProvider(Provider provider) {
    this.provider = provider;
  }

  /** The right to call the provider, until it is closed. */
  public final class Lease implements AutoCloseable {
    private final AtomicBoolean given = new AtomicBoolean();

    private Lease() {}

    public Provider provider() {
      return provider;
    }

    @Override
    public void close() {
      if (given.compareAndSet(false, true)) {
        release();
      }
    }
  }

  public synchronized Lease lease() {
    leases++;
    return new Lease();
  }

  private void release() {
    boolean last;
    synchronized (this) {
      leases--;
      last = isUnused();
    }
    if (last) {
      provider.close();
    }
  }

  /** No new calls will be made; those that run go on to their end. */
  public void retire() {
    boolean last;
    synchronized (this) {
      retired = true;
      last = isUnused();
    }
    if (last) {
      provider.close();
    }
  }

  private boolean isUnused() {
    boolean last = retired && leases == 0 && !closed;
    closed |= last;
    return last;
  }
}
