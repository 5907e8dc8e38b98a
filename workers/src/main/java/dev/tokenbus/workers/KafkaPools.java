package dev.tokenbus.workers;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.ProviderEntry;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Pools over share groups of the real broker and the real providers. */
final class KafkaPools implements Pools.Environment {
  private final AppContext context;
  private final Admin admin;
  private final DeadLetters deadLetters;
  private final AttemptStarter starter;
  private final Dialects dialects;

  KafkaPools(AppContext context, Admin admin, EventLog log, AttemptStarter starter) {
    this.context = context;
    this.admin = admin;
    this.starter = starter;
    deadLetters = new DeadLetters(log);
    dialects = new Dialects(context.addresses()::get, context.clock());
  }

  @Override
  public void provision(String provider, Priority priority) {
    WorkGroup.of(provider, priority).provision(admin, context.schemas());
  }

  @Override
  public SharedProvider provider(ProviderEntry entry) {
    return new SharedProvider(dialects.provider(entry));
  }

  @Override
  public WorkLoop loop(
      String provider, Priority priority, int batch, Slots slots, Pools.Providers providers) {
    WorkGroup group = WorkGroup.of(provider, priority);
    String name = "work-" + provider + "-" + priority.name().toLowerCase(Locale.ROOT);
    return new WorkLoop(
        name,
        batch,
        slots,
        () -> consumer(group, name, batch),
        context.schemas().deserializer(AttemptDispatched.class),
        (dispatched, deliveryCount) ->
            starter.begin(
                dispatched, deliveryCount, providers.current(provider), () -> slots.giveBack(1)),
        deadLetters);
  }

  private ShareConsumer<String, byte[]> consumer(WorkGroup group, String clientId, int batch) {
    KafkaShareConsumer<String, byte[]> consumer =
        new KafkaShareConsumer<>(
            group.consumer(context.kafka(), clientId, batch),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(group.topic().name()));
    return consumer;
  }
}
