package dev.tokenbus.ingress.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class BodyReceiptTest {
  private static final int MAX = 1_000_000;
  private static final int UNKNOWN = -1;

  private final AtomicLong nanos = new AtomicLong();
  private final ReceiptRoom medium = new ReceiptRoom(MAX, 1, Duration.ofSeconds(20));
  private final ReceiptRoom large = new ReceiptRoom(MAX, 1, Duration.ofSeconds(20));

  @ParameterizedTest
  @CsvSource({"0", "1", "8192", "8193", "65536", "65537", "262144", "262145", "1000000"})
  void receivesABodyWhetherItsLengthWasAnnouncedOrNot(int size) throws Exception {
    byte[] body = bytes(size);

    for (long announced : new long[] {size, UNKNOWN}) {
      try (RequestBody received = receipt(new ByteArrayInputStream(body)).read(announced, MAX)) {
        assertThat(received.isLarge()).isEqualTo(size > 262_144);
        assertThat(received.take()).isEqualTo(body);
      }
    }
    assertThatAllRoomIsFree();
  }

  @Test
  void refusesABodyThatIsLargerThanTheLimitAndGivesItsRoomBack() throws Exception {
    ProblemException refused = refusal(receipt(new ByteArrayInputStream(bytes(MAX + 1))), UNKNOWN);

    assertThat(refused.problem().code()).isEqualTo(ErrorCode.REQUEST_TOO_LARGE);
    assertThatAllRoomIsFree();
  }

  @Test
  void readsNothingOfALargeBodyThatWaitsForRoom() throws Exception {
    Runnable release = large.take(MAX);
    AtomicBoolean read = new AtomicBoolean();
    InputStream watched =
        new ByteArrayInputStream(bytes(MAX)) {
          @Override
          public synchronized int read(byte[] into, int from, int length) {
            read.set(true);
            return super.read(into, from, length);
          }
        };
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<RequestBody> waiting = threads.submit(() -> receipt(watched).read(MAX, MAX));
      await().until(() -> large.waiting() == 1);

      assertThat(read).isFalse();
      // The time that it waited does not count as time that it took to come.
      nanos.addAndGet(TimeUnit.MINUTES.toNanos(5));
      release.run();
      assertThat(waiting.get(10, TimeUnit.SECONDS).size()).isEqualTo(MAX);
    }
  }

  @Test
  void refusesTheOneForWhichTooManyWait() throws Exception {
    Runnable release = large.take(MAX);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<RequestBody> waiting =
          threads.submit(() -> receipt(new ByteArrayInputStream(bytes(MAX))).read(MAX, MAX));
      await().until(() -> large.waiting() == 1);

      ProblemException refused = refusal(receipt(new ByteArrayInputStream(bytes(MAX))), MAX);

      assertThat(refused.problem().code()).isEqualTo(ErrorCode.UNAVAILABLE);
      release.run();
      assertThat(waiting.get(10, TimeUnit.SECONDS).size()).isEqualTo(MAX);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // size, seconds between two reads of 1,000 bytes, whether it is in time
    "1000000, 1, false",
    "300000, 1, false",
    "100000, 1, false",
    "55000, 1, true",
    "60000, 2, false"
  })
  void refusesABodyThatComesTooSlowly(int size, int secondsPerKilobyte, boolean inTime)
      throws Exception {
    InputStream slow =
        new ByteArrayInputStream(bytes(size)) {
          @Override
          public synchronized int read(byte[] into, int from, int length) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(secondsPerKilobyte));
            return super.read(into, from, Math.min(length, 1_000));
          }
        };

    for (long announced : new long[] {size, UNKNOWN}) {
      slow.reset();
      if (inTime) {
        receipt(slow).read(announced, MAX).close();
      } else {
        assertThat(refusal(receipt(slow), announced).problem().code())
            .isEqualTo(ErrorCode.REQUEST_TIMEOUT);
      }
    }
    assertThatAllRoomIsFree();
  }

  private BodyReceipt receipt(InputStream in) {
    return new BodyReceipt(in, medium, large, new ReceiptLimit(nanos::get), () -> {});
  }

  private static ProblemException refusal(BodyReceipt receipt, long announced) {
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> receipt.read(announced, MAX));
    assertThat(refused).isNotNull();
    return refused;
  }

  private void assertThatAllRoomIsFree() throws InterruptedException {
    medium.take(MAX).run();
    large.take(MAX).run();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31);
    }
    return bytes;
  }
}
