package dev.tokenbus.router.streams;

import dev.tokenbus.schemas.serde.SchemaRegistryException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * Sends records that cannot be deserialized to the dead letters, with the reason in headers ({@code
 * __streams.errors.*}), and continues. Where the registry does not answer, nothing is known about
 * the record: then the thread fails and is replaced. A schema id that the registry has answered it
 * does not know is a reason like any other: the decoder says so by a {@link SerializationException}
 * around the registry's answer.
 *
 * <p>Kafka Streams creates it by name.
 */
public final class UnreadableRecordHandler extends LogAndContinueExceptionHandler {
  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
      if (cause instanceof SerializationException) {
        break; // The decoder has concluded, whatever has led it to that.
      }
      if (cause instanceof SchemaRegistryException) {
        return Response.fail();
      }
    }
    return super.handleError(context, record, exception);
  }
}
