package dev.tokenbus.workers.attempt;

import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.CancelReason;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContinuationPolicy;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.workers.body.BodyRoom;
import dev.tokenbus.workers.body.BodySource;
import dev.tokenbus.workers.body.RequestBodies;
import dev.tokenbus.workers.provider.RefCountedProvider;
import dev.tokenbus.workers.recovery.Capabilities;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Begins runs of dispatched attempts.
 *
 * <p>Thread-safe.
 */
public final class AttemptStarter {
  private final RunContext context;
  private final RunningAttempts attempts;
  private final RequestBodies bodies;
  private final BodyRoom room;
  private final Function<AttemptDispatched, Capabilities> catalogue;
  private final InstantSource clock;
  private final LongSupplier claims;

  /**
   * @param catalogue says what a deployment can do where the dispatch does not
   * @param claims random numbers other than 0
   */
  public AttemptStarter(
      RunContext context,
      RunningAttempts attempts,
      RequestBodies bodies,
      BodyRoom room,
      Function<AttemptDispatched, Capabilities> catalogue,
      InstantSource clock,
      LongSupplier claims) {
    this.context = context;
    this.attempts = attempts;
    this.bodies = bodies;
    this.room = room;
    this.catalogue = catalogue;
    this.clock = clock;
    this.claims = claims;
  }

  /**
   * Begins a run, and does not wait: the provider is called while the start is still on its way to
   * the broker.
   *
   * @param slot freed exactly once
   * @return completes when the start is acknowledged and the dispatch may be taken off its topic
   * @throws IllegalArgumentException if the dispatch cannot be understood; nothing was begun and
   *     the slot is not freed
   */
  public CompletableFuture<Void> begin(
      AttemptDispatched dispatched, int deliveryCount, RefCountedProvider provider, CallSlot slot) {
    BodySource body = bodies.of(dispatched);
    AttemptSpec spec = AttemptSpec.of(dispatched, claims.getAsLong());
    if (attempts.knows(spec)) {
      // A redelivery: the acknowledgement of the first delivery was late or failed.
      slot.free();
      return CompletableFuture.completedFuture(null);
    }
    RefCountedProvider.Lease lease = provider.lease();
    BodyRoom.Share share = room.share(body.bytes(), spec.deadline());
    AttemptRun run = new AttemptRun(spec, context, new LeasedSlot(slot, lease, share));
    attempts.add(run);
    CompletableFuture<Void> started = context.reporter().started(spec, deliveryCount);
    Optional<CancelReason> cancelled = attempts.cancelled(spec);
    cancelled.ifPresent(run::cancel);
    run.check(clock.instant());
    if (!run.ended()) {
      Long most = dispatched.getMaxOutputTokens();
      Capabilities can = capabilities(dispatched);
      context
          .threads()
          .execute(() -> {
            try {
              run.start(
                  lease.provider(),
                  () -> {
                    share.await();
                    return capped(body.read(), most);
                  },
                  can);
            } finally {
              share.read();
            }
          });
    }
    return started.exceptionally(problem -> {
      // The failure is reported until the report is acknowledged; the router then dispatches again.
      context.threads().execute(() -> run.startFailed(problem));
      return null;
    });
  }

  private Capabilities capabilities(AttemptDispatched dispatched) {
    ContinuationPolicy policy = dispatched.getContinuation();
    return policy == null ? catalogue.apply(dispatched) : Capabilities.of(policy);
  }

  private static ChatRequest capped(ChatRequest body, @Nullable Long most) {
    Long asked = body.getSampling().getMaxOutputTokens();
    if (most == null || (asked != null && asked <= most)) {
      return body;
    }
    return ChatRequest.newBuilder(body)
        .setSampling(Sampling.newBuilder(body.getSampling()).setMaxOutputTokens(most).build())
        .build();
  }

  /**
   * A slot whose provider stays open until the call is over, and its body's room until it is sent.
   */
  private record LeasedSlot(CallSlot slot, RefCountedProvider.Lease lease, BodyRoom.Share share)
      implements CallSlot {
    @Override
    public void sent() {
      share.close();
    }

    @Override
    public void answered() {
      slot.answered();
    }

    @Override
    public void refused() {
      slot.refused();
    }

    @Override
    public void free() {
      share.close();
      lease.close();
      slot.free();
    }
  }
}
