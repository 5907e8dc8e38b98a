package dev.tokenbus.chaos.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SseReaderTest {
  private static final String STREAM =
      """
      : a comment

      id: 12.0
      data: {"a":"naïve"}

      data: one

      id: 12.1
      data: [DONE]

      """;

  private final ResponseBodyReader feed = new ResponseBodyReader();
  private final SseReader reader = new SseReader(feed, Duration.ofMillis(50));

  @Test
  void readsEventsWhereverTheBytesAreCut() throws Exception {
    byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
    for (int size = 1; size <= bytes.length; size++) {
      ResponseBodyReader cut = new ResponseBodyReader();
      for (int at = 0; at < bytes.length; at += size) {
        cut.onNext(List.of(ByteBuffer.wrap(bytes, at, Math.min(size, bytes.length - at))));
      }
      cut.onComplete();

      assertThat(all(new SseReader(cut, Duration.ofMillis(50))))
          .as("pieces of %d", size)
          .containsExactly(
              new SseEvent("12.0", "{\"a\":\"naïve\"}"),
              new SseEvent("", "one"),
              new SseEvent("12.1", "[DONE]"));
    }
  }

  @Test
  void takesAnEventWithoutItsBlankLineForCut() throws Exception {
    feed.onNext(List.of(ByteBuffer.wrap("id: 1.0\ndata: x\n".getBytes(StandardCharsets.UTF_8))));
    feed.onComplete();

    assertThat(reader.next()).isEmpty();
  }

  @Test
  void givesUpASilentConnection() {
    assertThatThrownBy(reader::next).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void passesABrokenConnectionOn() {
    feed.onError(new IOException("reset"));

    assertThatThrownBy(reader::next).isInstanceOf(IOException.class).hasMessageContaining("reset");
  }

  private static List<SseEvent> all(SseReader reader) throws Exception {
    List<SseEvent> events = new ArrayList<>();
    Optional<SseEvent> event = reader.next();
    while (event.isPresent()) {
      events.add(event.get());
      event = reader.next();
    }
    return events;
  }
}
