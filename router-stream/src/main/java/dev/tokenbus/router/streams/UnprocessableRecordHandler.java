package dev.tokenbus.router.streams;

import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sends invalid records to the dead letters and continues. Every other exception is a fault of this
 * application or of the broker and not the record's.
 *
 * <p>Kafka Streams creates it by name.
 */
public final class UnprocessableRecordHandler extends LogAndContinueProcessingExceptionHandler {
  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    return exception instanceof UnprocessableRecordException
        ? super.handleError(context, record, exception)
        : Response.fail();
  }
}
