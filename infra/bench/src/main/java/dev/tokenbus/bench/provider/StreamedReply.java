package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.http.Exchange;
import dev.tokenbus.bench.http.HeaderFields;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import dev.tokenbus.bench.provider.behaviour.ProviderFault;
import dev.tokenbus.bench.provider.encoding.Answer;
import dev.tokenbus.bench.provider.encoding.ApiError;
import dev.tokenbus.bench.provider.encoding.ChunkEncoder;

/**
 * One streamed answer under way. Token k is due at start + first token + k * per token, reckoned
 * from the start, so that lateness does not add up.
 */
final class StreamedReply {
  private static final int BATCH_BYTES = 32 * 1024;
  private static final long MAX_UNSENT_BYTES = 256 * 1024;

  private final Exchange exchange;
  private final Answer answer;
  private final Behaviour behaviour;
  private final ProviderFault fault;
  private final RequestJournal.Entry entry;
  private final ChunkEncoder encoder;
  private final Outlet outlet;
  private final int length;
  private long firstTokenNanos;
  private int next;

  StreamedReply(
      Exchange exchange,
      Answer answer,
      Behaviour behaviour,
      ProviderFault fault,
      boolean includeUsage,
      RequestJournal.Entry entry) {
    this.exchange = exchange;
    this.answer = answer;
    this.behaviour = behaviour;
    this.fault = fault;
    this.entry = entry;
    encoder = new ChunkEncoder(answer, behaviour.wire(), includeUsage);
    outlet = new Outlet(exchange, behaviour.wire().splitBytes());
    length = answer.length();
  }

  /** Sends the head; call when it is due. */
  void start(HeaderFields headers) {
    exchange.start(200, headers);
    long wait = behaviour.pace().firstToken().toNanos();
    firstTokenNanos = System.nanoTime() + wait;
    if (wait > 0) {
      exchange.flush();
      exchange.loop().schedule(firstTokenNanos, this::run);
    } else {
      run();
    }
  }

  /** Sends what is due and plans the next time. */
  private void run() {
    if (exchange.ended()) {
      return;
    }
    if (next == 0) {
      answer.choices().forEach(choice -> encoder.role(choice.index()));
      if (struck(0)) {
        return;
      }
    }
    long perToken = behaviour.pace().perToken().toNanos();
    while (next < length) {
      if (burst()) {
        return;
      }
      if (perToken > 0 && next < length) {
        outlet.send(encoder.take());
        exchange.loop().schedule(firstTokenNanos + next * perToken, this::run);
        return;
      }
      if (encoder.size() > BATCH_BYTES) {
        outlet.send(encoder.take());
        if (exchange.unsentBytes() > MAX_UNSENT_BYTES) {
          exchange.whenSent(this::run);
          return;
        }
      }
    }
    complete();
  }

  /** Encodes the tokens of one tick; returns whether a fault ended the stream. */
  private boolean burst() {
    int end = Math.min(length, next + behaviour.wire().burst());
    while (next < end) {
      for (Answer.Choice choice : answer.choices()) {
        if (next < choice.pieces().size()) {
          encoder.piece(choice.index(), choice.pieces().get(next));
        }
      }
      next++;
      entry.sent(next);
      if (struck(next)) {
        return true;
      }
    }
    return false;
  }

  /** Applies a fault that is due after so many tokens; returns whether nothing comes after it. */
  private boolean struck(int sent) {
    return switch (fault) {
      case ProviderFault.None none -> false;
      case ProviderFault.Status status -> false;
      case ProviderFault.Cut cut -> cut.after() == sent && end(() -> exchange.cut(cut.reset()));
      case ProviderFault.Stall stall -> stall.after() == sent && stall();
      case ProviderFault.Malformed malformed -> {
        if (malformed.after() == sent) {
          encoder.malformed();
        }
        yield false;
      }
      case ProviderFault.ErrorEvent error -> {
        if (error.after() != sent) {
          yield false;
        }
        encoder.error(ApiError.ofStatus(500));
        yield end(exchange::finish);
      }
    };
  }

  private boolean stall() {
    exchange.flush();
    outlet.send(encoder.take());
    return true;
  }

  private boolean end(Runnable how) {
    outlet.send(encoder.take());
    outlet.end(() -> {
      entry.ended(ReceivedRequest.Ending.FAULT); // first, so that a test finds it after the cut
      how.run();
    });
    return true;
  }

  private void complete() {
    answer.choices().forEach(encoder::finish);
    encoder.usage();
    encoder.done();
    outlet.send(encoder.take());
    outlet.end(() -> {
      if (!exchange.ended()) {
        entry.ended(ReceivedRequest.Ending.COMPLETE);
        exchange.finish();
      }
    });
  }
}
