package dev.tokenbus.ingress.protocol;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The position of an event in the log, which is its SSE id.
 *
 * @param offset the offset of the record in the request's reply partition
 * @param index the index of the event within the record
 */
public record EventPosition(long offset, int index) implements Comparable<EventPosition> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\.(\\d{1,9})");
  private static final Comparator<EventPosition> ORDER =
      Comparator.comparingLong(EventPosition::offset).thenComparingInt(EventPosition::index);

  /** Parses the form of {@link #toString()}; empty if the text does not have it. */
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
