package dev.tokenbus.router.cluster;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.kafka.KafkaSettings;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.schemas.serde.TopicSchemas;
import dev.tokenbus.schemas.topics.Topic;
import dev.tokenbus.schemas.topics.TopicProvisioner;
import dev.tokenbus.schemas.topics.Topics;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the work topics of every provider in the catalogue, and resolves their schemas, before
 * the first dispatch; on a thread of its own, with retries.
 *
 * <p>Thread-safe.
 */
public final class WorkTopics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkTopics.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KafkaSettings kafka;
  private final TopicSchemas schemas;
  private final Set<String> ready = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("router-work-topics").daemon().factory());

  public WorkTopics(KafkaSettings kafka, TopicSchemas schemas) {
    this.kafka = kafka;
    this.schemas = schemas;
  }

  /** Whether the provider's work topics exist and their schemas are resolved. */
  public boolean ready(String provider) {
    return ready.contains(provider);
  }

  /** Starts to create the topics of new providers and returns at once. */
  public void follow(Catalogue catalogue) {
    List<String> missing =
        catalogue.providers().stream()
            .map(ProviderEntry::getName)
            .filter(name -> !ready.contains(name))
            .toList();
    if (!missing.isEmpty()) {
      schedule(missing, Duration.ZERO);
    }
  }

  private void schedule(List<String> providers, Duration delay) {
    try {
      // The task handles its own failures.
      ScheduledFuture<?> _ =
          thread.schedule(() -> provide(providers), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.atDebug()
          .addKeyValue("providers", providers)
          .log("work topics are not created: the router is closed");
    }
  }

  private void provide(List<String> providers) {
    for (String provider : providers) {
      if (ready.contains(provider)) {
        continue;
      }
      try {
        provide(provider);
      } catch (RuntimeException e) {
        LOG.atError()
            .addKeyValue("provider", provider)
            .setCause(e)
            .log("work topics cannot be created");
        schedule(List.of(provider), RETRY);
      }
    }
  }

  private void provide(String provider) {
    List<Topic> topics =
        Arrays.stream(Priority.values()).map(priority -> Topics.work(provider, priority)).toList();
    try (Admin admin = Admin.create(kafka.common())) {
      new TopicProvisioner(admin).provision(topics);
    }
    schemas.resolve(topics);
    ready.add(provider);
    LOG.atInfo().addKeyValue("provider", provider).log("work topics ready");
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
