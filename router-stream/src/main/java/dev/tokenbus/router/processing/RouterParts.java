package dev.tokenbus.router.processing;

import dev.tokenbus.router.cluster.CancelFeed;
import dev.tokenbus.router.lifecycle.ClusterView;
import dev.tokenbus.router.lifecycle.RequestLifecycle;
import dev.tokenbus.router.replay.FinalReplySource;
import dev.tokenbus.router.store.StateCodec;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What the processors of all tasks share.
 *
 * @param standstills how often the process stood still so far
 * @param startGrace how long the punctuation is paused at least after a task was taken over
 */
public record RouterParts(
    RequestLifecycle lifecycle,
    ClusterView cluster,
    FinalReplySource finalReplies,
    CancelFeed cancels,
    StateCodec codec,
    IntSupplier standstills,
    Duration startGrace) {}
