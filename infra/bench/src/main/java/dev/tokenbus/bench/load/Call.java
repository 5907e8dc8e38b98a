package dev.tokenbus.bench.load;

import dev.tokenbus.bench.http.ClientConnection;
import dev.tokenbus.bench.http.HeaderFields;
import dev.tokenbus.bench.http.ResponseListener;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request under way. */
final class Call implements ResponseListener {
  private final LoadRun run;
  private final long scheduledNanos;
  private final long beganNanos;
  private final int tokens;
  private final boolean stream;
  private final AnswerCheck check;
  private @Nullable ClientConnection connection;
  private int status;
  private long lastTokenNanos;

  Call(LoadRun run, long scheduledNanos, boolean stream, String expected, int tokens) {
    this.run = run;
    this.scheduledNanos = scheduledNanos;
    this.beganNanos = System.nanoTime();
    this.stream = stream;
    this.tokens = tokens;
    this.check = new AnswerCheck(stream, expected, this::delta);
    run.measurements().began(scheduledNanos, beganNanos);
  }

  void send(ClientConnection on, List<byte[]> request) {
    connection = on;
    on.call(request, this);
  }

  boolean olderThan(long nanos) {
    return System.nanoTime() - beganNanos > nanos;
  }

  void timeOut() {
    if (connection != null) {
      connection.close();
    }
    end(Optional.of("time-out"));
  }

  void notSent(String reason) {
    end(Optional.of(reason));
  }

  @Override
  public void onHead(int answered, HeaderFields headers) {
    status = answered;
  }

  @Override
  public void onBody(ByteBuffer data) {
    if (status == 200) {
      check.body(data);
    }
  }

  @Override
  public void onComplete() {
    end(status == 200 ? check.verdict() : Optional.of("status " + status));
  }

  @Override
  public void onFailure(String reason) {
    end(Optional.of(reason));
  }

  private void delta() {
    long now = System.nanoTime();
    if (lastTokenNanos == 0) {
      run.measurements().firstToken(scheduledNanos, now);
    } else {
      run.measurements().gap(scheduledNanos, now - lastTokenNanos);
    }
    lastTokenNanos = now;
    run.measurements().tokens(now, stream ? 1 : tokens);
  }

  private void end(Optional<String> problem) {
    run.measurements().ended(scheduledNanos, System.nanoTime(), problem);
    run.ended(this, Optional.ofNullable(connection), problem.isPresent());
  }
}
