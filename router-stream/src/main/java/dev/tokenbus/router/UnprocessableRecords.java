package dev.tokenbus.router;

import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Puts records that make no sense into the dead letters and goes on. Every other exception is a
 * fault of ours or of the broker: it must not be taken for the record's.
 *
 * <p>Made by Kafka Streams, by name.
 */
public final class UnprocessableRecords extends LogAndContinueProcessingExceptionHandler {
  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    return exception instanceof UnprocessableRecordException
        ? super.handleError(context, record, exception)
        : Response.fail();
  }
}
