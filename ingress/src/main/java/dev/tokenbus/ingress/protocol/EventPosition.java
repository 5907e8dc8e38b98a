package dev.tokenbus.ingress.protocol;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an event stands in the log: what SSE calls its id.
 *
 * @param offset of the record in the request's reply partition
 * @param index of the event among those of the record
 */
public record EventPosition(long offset, int index) implements Comparable<EventPosition> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\.(\\d{1,9})");
  private static final Comparator<EventPosition> ORDER =
      Comparator.comparingLong(EventPosition::offset).thenComparingInt(EventPosition::index);

  /** Reads the form of {@link #toString()}; empty if the text is not of that form. */
  public static Optional<EventPosition> parse(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(
            new EventPosition(Long.parseLong(form.group(1)), Integer.parseInt(form.group(2))))
        : Optional.empty();
  }

  @Override
  public int compareTo(EventPosition other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return offset + "." + index;
  }
}
