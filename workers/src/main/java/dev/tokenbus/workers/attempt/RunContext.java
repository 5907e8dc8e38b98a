package dev.tokenbus.workers.attempt;

import dev.tokenbus.workers.recovery.StreamHistory;
import dev.tokenbus.workers.reply.ReplyWriters;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;

/**
 * What all runs of a worker share.
 *
 * @param history finds out what predecessors delivered
 * @param formatLevel the level up to which records may be written; see the catalogue's {@code
 *     format/level}
 * @param threads may block
 */
public record RunContext(
    WorkerIdentity worker,
    AttemptReporter reporter,
    ReplyWriters writers,
    StreamHistory history,
    IntSupplier formatLevel,
    Executor threads) {}
