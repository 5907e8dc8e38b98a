package dev.tokenbus.ingress;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.RequestId;
import dev.tokenbus.schemas.avro.Rendering;
import dev.tokenbus.schemas.avro.Reply;
import dev.tokenbus.schemas.avro.RequestAccepted;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Stands for router and workers: takes requests off the log and answers each as the test's script
 * says.
 */
final class FakeRouter implements AutoCloseable {
  /** What is done about a request, on a thread of its own. */
  interface Script {
    void answer(RequestAccepted request, Answer answer) throws Exception;
  }

  private final KafkaConsumer<String, RequestAccepted> consumer;
  private final KafkaProducer<String, Reply> producer;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch positioned = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("fake-router").unstarted(this::run);
  private volatile Script script = (request, answer) -> {};
  private final Map<RequestId, Answer> answers = new ConcurrentHashMap<>();
  private volatile boolean closed;

  FakeRouter(KafkaSettings kafka, TopicSchemas schemas) throws InterruptedException {
    consumer =
        new KafkaConsumer<>(
            kafka.consumer("fake-router"),
            new StringDeserializer(),
            schemas.deserializer(RequestAccepted.class));
    producer =
        new KafkaProducer<>(
            kafka.producer("fake-router", Duration.ZERO, Duration.ofSeconds(30)),
            new StringSerializer(),
            schemas.serializer());
    thread.start();
    positioned.await();
  }

  void follow(Script newScript) {
    script = newScript;
  }

  /** Goes on with a request whose script has ended. */
  void finish(RequestId id, Consumer<ReplyRecords> more) {
    Answer answer = Objects.requireNonNull(answers.get(id), "no such request");
    more.accept(answer.records());
    answer.send();
  }

  private void run() {
    try (consumer) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.REQUESTS.name()).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      positioned.countDown();
      while (!closed) {
        for (ConsumerRecord<String, RequestAccepted> record :
            consumer.poll(Duration.ofMillis(200))) {
          RequestAccepted request = record.value();
          Future<?> _ =
              threads.submit(() -> {
                script.answer(request, new Answer(request));
                return null;
              });
        }
      }
    } catch (WakeupException e) {
      // Closed.
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    threads.shutdownNow();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(1));
  }

  /** Writes the records of one request, in order, as router and worker would. */
  final class Answer {
    private final RequestId id;
    private final ReplyRecords records;
    private int sent;

    /** Admits the request with the rendering that its record asks for, as the router does. */
    Answer admittedAsAsked(RequestAccepted request) {
      records.admitted(
          Rendering.newBuilder()
              .setTenant(request.getTenant())
              .setKeyId(request.getKeyId())
              .setProtocol(request.getProtocol())
              .setModelAsked(request.getModelAsked())
              .setAcceptedAt(request.getAcceptedAt())
              .setStream(request.getFeatures().getStream())
              .setIncludeUsage(request.getFeatures().getIncludeUsage())
              .setSession(request.getSession())
              .setBodyKind(request.getBodyKind())
              .setOptions(request.getOptions())
              .build());
      return this;
    }

    private Answer(RequestAccepted request) {
      id = RequestId.parse(request.getRequestId());
      records = new ReplyRecords(id);
      answers.put(id, this);
    }

    ReplyRecords records() {
      return records;
    }

    /** Takes what has been recorded for sent. */
    void forget() {
      sent = records.records().size();
    }

    /** Waits until everything that was sent is in the log. */
    void awaitSent() {
      producer.flush();
    }

    /** Sends what has been recorded since the last time, without waiting. */
    Answer send() {
      for (Reply reply : records.records().subList(sent, records.records().size())) {
        Future<?> _ =
            producer.send(
                new ProducerRecord<>(
                    Topics.REPLIES.name(), id.replyPartition(), id.toString(), reply));
      }
      sent = records.records().size();
      return this;
    }
  }
}
