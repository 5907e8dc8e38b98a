package dev.tokenbus.ingress.replies.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbus.embedded.EmbeddedBroker;
import dev.tokenbus.embedded.junit.SharedServers;
import dev.tokenbus.embedded.registry.InMemoryRegistry;
import dev.tokenbus.ingress.ReplyRecords;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.replies.LoggedReply;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedServers.class)
class ReplyLogIT {
  private static final int PARTITION = 13;
  private static final int REQUESTS = 20;
  private static final int RECORDS = 100;

  private final EmbeddedBroker broker;
  private final InMemoryRegistry registry;

  ReplyLogIT(EmbeddedBroker broker, InMemoryRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  @Test
  void readsEveryRequestOutOfTheMixInPages() throws Exception {
    try (AppContext context = context();
        ReplyLog log = log(context)) {
      List<RequestId> ids = write(context);
      List<CompletableFuture<LogPage>> first =
          ids.stream().map(id -> log.read(id, ReplyLog.FROM_ACCEPTANCE, 2_000)).toList();

      for (int i = 0; i < ids.size(); i++) {
        LogPage page = first.get(i).get(30, TimeUnit.SECONDS);
        List<LoggedReply> records = new ArrayList<>(page.records());
        int pages = 1;
        while (!page.atEnd()) {
          // The last record of a page may exceed its size.
          assertThat(bytes(page.records().subList(0, page.records().size() - 1)))
              .isLessThanOrEqualTo(2_000);
          page = log.read(ids.get(i), page.next(), 2_000).get(30, TimeUnit.SECONDS);
          records.addAll(page.records());
          pages++;
        }

        assertThat(records).extracting(record -> reply(record).getSequence()).hasSize(RECORDS);
        assertThat(records)
            .extracting(record -> reply(record).getSequence())
            .isSorted()
            .doesNotHaveDuplicates();
        assertThat(records)
            .extracting(record -> reply(record).getRequestId())
            .containsOnly(ids.get(i).toString());
        assertThat(pages).isGreaterThan(3);
      }
    }
  }

  @Test
  void ordersThatBeginAnywhereAllGetTheirPage() throws Exception {
    try (AppContext context = context();
        ReplyLog log = log(context)) {
      List<RequestId> ids = write(context);
      LogPage whole =
          log.read(ids.getLast(), ReplyLog.FROM_ACCEPTANCE, 1_000_000).get(30, TimeUnit.SECONDS);
      LoggedReply last = whole.records().getLast();

      List<CompletableFuture<LogPage>> nearTheEnd = new ArrayList<>();
      for (RequestId id : ids) {
        CompletableFuture<LogPage> _ = log.read(id, ReplyLog.FROM_ACCEPTANCE, 100);
        nearTheEnd.add(log.read(ids.getLast(), last.offset(), 1_000));
        nearTheEnd.add(log.read(ids.getLast(), last.offset() + 1, 1_000));
      }

      for (int i = 0; i < nearTheEnd.size(); i++) {
        LogPage page = nearTheEnd.get(i).get(30, TimeUnit.SECONDS);
        assertThat(page.atEnd()).isTrue();
        assertThat(page.records())
            .extracting(LoggedReply::offset)
            .isEqualTo(i % 2 == 0 ? List.of(last.offset()) : List.of());
      }
    }
  }

  @Test
  void ordersThatWaitFailWhenItIsClosed() {
    try (AppContext context = context()) {
      ReplyLog log = log(context);
      List<CompletableFuture<LogPage>> pages = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        RequestId id = RequestId.of(Instant.now(), i % 20, RandomGenerator.getDefault());
        pages.add(log.read(id, ReplyLog.FROM_ACCEPTANCE, 1_000));
      }
      log.close();

      assertThat(pages).allMatch(CompletableFuture::isDone);
    }
  }

  private AppContext context() {
    return AppContext.open(
        Addresses.of(
            Map.of(Addresses.KAFKA, broker.bootstrapServers(), Addresses.REGISTRY, registry.url())),
        Path.of("target"));
  }

  private static Reply reply(LoggedReply record) {
    return ((LoggedReply.Known) record).reply();
  }

  private static int bytes(List<LoggedReply> records) {
    return records.stream().mapToInt(record -> ((LoggedReply.Known) record).bytes()).sum();
  }

  private static ReplyLog log(AppContext context) {
    return ReplyLog.start(context.kafka(), context.schemas());
  }

  private static List<RequestId> write(AppContext context) {
    List<RequestId> ids = new ArrayList<>();
    List<List<Reply>> answers = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      RequestId id = RequestId.of(Instant.now(), PARTITION, RandomGenerator.getDefault());
      ReplyRecords records = new ReplyRecords(id);
      for (int j = 0; j < RECORDS; j++) {
        records.text("piece " + j);
      }
      ids.add(id);
      answers.add(records.records());
    }
    try (KafkaProducer<String, Reply> producer =
        new KafkaProducer<>(
            context.kafka().producer("test", Duration.ofMillis(1), Duration.ofSeconds(30)),
            new StringSerializer(),
            context.schemas().serializer())) {
      for (int j = 0; j < RECORDS; j++) {
        for (List<Reply> answer : answers) {
          Reply reply = answer.get(j);
          var _ =
              producer.send(
                  new ProducerRecord<>(
                      Topics.REPLIES.name(), PARTITION, reply.getRequestId(), reply));
        }
      }
      producer.flush();
    }
    return ids;
  }
}
