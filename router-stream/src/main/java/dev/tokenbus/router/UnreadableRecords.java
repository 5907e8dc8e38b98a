package dev.tokenbus.router;

import dev.tokenbus.schemas.serde.SchemaRegistryException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * Puts records that cannot be read into the dead letters, with the reason in headers ({@code
 * __streams.errors.*}), and goes on. A registry that is away says nothing about the record: then
 * the thread fails and is replaced.
 *
 * <p>Made by Kafka Streams, by name.
 */
public final class UnreadableRecords extends LogAndContinueExceptionHandler {
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
