package dev.tokenbus.router;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes over a record that no broker will ever take, so that one request does not stop all others
 * of its partition; that request ends at its deadline. Every other error of production keeps Kafka
 * Streams' own treatment.
 *
 * <p>Made by Kafka Streams, by name.
 */
public final class OversizedRecords extends DefaultProductionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(OversizedRecords.class);

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (exception instanceof RecordTooLargeException) {
      LOG.atError()
          .addKeyValue("topic", record.topic())
          .addKeyValue("bytes", record.value() == null ? 0 : record.value().length)
          .log("record too large, passed over");
      return Response.resume();
    }
    return super.handleError(context, record, exception);
  }
}
