package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.schemas.avro.RequestAccepted;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a request says beside its body, whatever its dialect lets through. The router keeps
 * it while the request runs and repeats it in the outcome: a header too large for that topic would
 * make a request that runs and is never billed.
 */
final class HeaderLimit {
  /** A thirtieth of a record of {@code outcomes}, even where each character takes three bytes. */
  static final int CHARACTERS = 32 * 1024;

  private static final Set<String> BODY = Set.of("body", "content");

  private HeaderLimit() {}

  /**
   * Refuses a request whose header is too large.
   *
   * @throws ProblemException 400
   */
  static void require(RequestAccepted request) {
    long size = 0;
    for (Schema.Field field : request.getSchema().getFields()) {
      if (!BODY.contains(field.name())) {
        size += size(request.get(field.pos()));
      }
    }
    if (size > CHARACTERS) {
      throw new ProblemException(
          Problem.invalid(
              "The request's parameters beside its messages, with its path and headers, take "
                  + size
                  + " characters; at most "
                  + CHARACTERS
                  + " are taken. Shorten them.",
              null,
              "invalid_value"));
    }
  }

  /** The size of texts and bytes; whatever has a fixed size counts as one. */
  private static long size(@Nullable Object value) {
    return switch (value) {
      case null -> 0;
      case CharSequence text -> text.length();
      case ByteBuffer bytes -> bytes.remaining();
      case Collection<?> values -> values.size() + sum(values);
      case Map<?, ?> map -> map.size() + sum(map.keySet()) + sum(map.values());
      case IndexedRecord inner -> fields(inner);
      default -> 1;
    };
  }

  private static long sum(Collection<?> values) {
    long sum = 0;
    for (Object value : values) {
      sum += size(value);
    }
    return sum;
  }

  private static long fields(IndexedRecord inner) {
    long sum = 0;
    for (int i = 0; i < inner.getSchema().getFields().size(); i++) {
      sum += size(inner.get(i));
    }
    return sum;
  }
}
