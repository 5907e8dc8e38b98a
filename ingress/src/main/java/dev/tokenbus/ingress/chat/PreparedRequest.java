package dev.tokenbus.ingress.chat;

import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.schemas.avro.ChatRequest;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A parsed and checked request whose body is ready to be written.
 *
 * @param bodyHash tells a repeat under the same idempotency key from another request; null without
 *     such a key
 */
record PreparedRequest(Submission.Header header, @Nullable ByteBuffer bodyHash, Content content) {
  /** The form in which the body is written. */
  sealed interface Content {}

  /** The body as 0.1.0 writes and reads it, within the request's record. */
  record CanonicalBody(ChatRequest request) implements Content {}

  /** The body as bytes of topic {@code bodies}, schema id included. */
  @SuppressWarnings("ArrayRecordComponent") // is written once and never compared
  record EncodedBody(byte[] bytes) implements Content {}
}
