package dev.tokenbus.router.lifecycle;

import dev.tokenbus.schemas.avro.Cancel;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.Control;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the router tells the workers of a request to stop. */
final class Orders {
  private Orders() {}

  static Effect stop(Request request, CancelReason reason, int upToAttempt, Instant now) {
    return order(
        request.outcome().getRequestId(), request.tenant(), reason, upToAttempt, null, now);
  }

  static Effect stopRivals(RequestState.Streaming owner, Instant now) {
    return order(
        owner.request().outcome().getRequestId(),
        owner.request().tenant(),
        CancelReason.SUPERSEDED,
        owner.attempt().number(),
        owner.run().claim(),
        now);
  }

  static Effect order(
      String requestId,
      String tenant,
      CancelReason reason,
      int upToAttempt,
      @Nullable Long except,
      Instant now) {
    Cancel cancel =
        Cancel.newBuilder().setReason(reason).setUpToAttempt(upToAttempt).setExcept(except).build();
    return new Effect.Order(
        Control.newBuilder()
            .setRequestId(requestId)
            .setTenant(tenant)
            .setAt(now)
            .setCommand(cancel)
            .build());
  }
}
