package dev.tokenbus.router.streams;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Skips a record that is too large for the broker, so that one request does not stop all others of
 * its partition; that request ends at its deadline. Kafka Streams' own handler treats every other
 * production error.
 *
 * <p>Kafka Streams creates it by name.
 */
public final class OversizedRecordHandler extends DefaultProductionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(OversizedRecordHandler.class);

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (exception instanceof RecordTooLargeException) {
      LOG.atError()
          .addKeyValue("topic", record.topic())
          .addKeyValue("bytes", record.value() == null ? 0 : record.value().length)
          .log("record is too large for the broker and is skipped");
      return Response.resume();
    }
    return super.handleError(context, record, exception);
  }
}
