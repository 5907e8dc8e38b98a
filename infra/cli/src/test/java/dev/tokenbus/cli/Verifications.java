package dev.tokenbus.cli;

import dev.tokenbus.projections.store.DatabaseUrl;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.verify.Verification;
import dev.tokenbus.verify.ledger.GracePeriods;
import java.time.Clock;

/** Verifications of what stands at the addresses, as {@code tokenbus verify} makes them. */
final class Verifications {
  private Verifications() {}

  /** Connects; the caller closes it. */
  static Verification of(Addresses addresses) {
    return new Verification(
        addresses,
        DatabaseUrl.parse(addresses.databaseUrl()).dataSource(),
        Clock.systemUTC(),
        GracePeriods.DEFAULT);
  }
}
