package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Builds the commands by which the router makes workers stop. */
final class CancelCommands {
  private CancelCommands() {}

  static Effect stop(Request request, CancelReason reason, int upToAttempt, Instant now) {
    return command(
        request.outcome().getRequestId(), request.tenant(), reason, upToAttempt, null, now);
  }

  /** All runs stop but the one that owns the request. */
  static Effect stopOthers(RequestState.Streaming owner, int upToAttempt, Instant now) {
    return command(
        owner.request().outcome().getRequestId(),
        owner.request().tenant(),
        CancelReason.SUPERSEDED,
        upToAttempt,
        owner.run().claim(),
        now);
  }

  static Effect command(
      String requestId,
      String tenant,
      CancelReason reason,
      int upToAttempt,
      @Nullable Long except,
      Instant now) {
    Cancel cancel =
        Cancel.newBuilder().setReason(reason).setUpToAttempt(upToAttempt).setExcept(except).build();
    return new Effect.SendCancel(
        Control.newBuilder()
            .setRequestId(requestId)
            .setTenant(tenant)
            .setAt(now)
            .setCommand(cancel)
            .build());
  }
}
