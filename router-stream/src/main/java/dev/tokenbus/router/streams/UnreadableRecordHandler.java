package dev.tokenbus.router.streams;

import dev.tokenbus.schemas.serde.SchemaRegistryException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * Sends records that cannot be deserialized to the dead letters, with the reason in headers ({@code
 * __streams.errors.*}), and continues. Where the registry does not answer, nothing is known about
 * the record: then the thread fails and is replaced.
 *
 * <p>Kafka Streams creates it by name.
 */
public final class UnreadableRecordHandler extends LogAndContinueExceptionHandler {
  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
      if (cause instanceof SchemaRegistryException) {
        return Response.fail();
      }
    }
    return super.handleError(context, record, exception);
  }
}
