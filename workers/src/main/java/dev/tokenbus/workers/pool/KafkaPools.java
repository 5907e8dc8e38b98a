package dev.tokenbus.workers.pool;

import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.runtime.config.ProviderSecrets;
import dev.tokenbus.runtime.kafka.DeadLetterWriter;
import dev.tokenbus.schemas.avro.AttemptDispatched;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.ProviderEntry;
import dev.tokenbus.workers.attempt.AttemptStarter;
import dev.tokenbus.workers.attempt.CallSlot;
import dev.tokenbus.workers.provider.RefCountedProvider;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Pools over share groups of the real broker and the real providers. */
public final class KafkaPools implements Pools.Environment {
  private final AppContext context;
  private final Admin admin;
  private final DeadLetterWriter deadLetters;
  private final AttemptStarter starter;
  private final ProviderDialects dialects;
  private final int slotCeiling;

  public KafkaPools(
      AppContext context,
      Admin admin,
      DeadLetterWriter deadLetters,
      AttemptStarter starter,
      int slotCeiling) {
    this.context = context;
    this.admin = admin;
    this.starter = starter;
    this.slotCeiling = slotCeiling;
    this.deadLetters = deadLetters;
    dialects = new ProviderDialects(ProviderSecrets.of(context.addresses())::get, context.clock());
  }

  @Override
  public void provision(String provider, Priority priority) {
    ShareGroup.of(provider, priority).provision(admin, context.schemas());
  }

  @Override
  public RefCountedProvider provider(ProviderEntry entry) {
    return new RefCountedProvider(dialects.provider(entry));
  }

  @Override
  public int slotCeiling() {
    return slotCeiling;
  }

  @Override
  public DispatchConsumer consumer(
      String provider, Priority priority, int batch, Slots slots, Pools.Providers providers) {
    ShareGroup group = ShareGroup.of(provider, priority);
    String name = "work-" + provider + "-" + priority.name().toLowerCase(Locale.ROOT);
    return new DispatchConsumer(
        name,
        batch,
        slots,
        () -> consumer(group, name, batch),
        context.schemas().decoder(AttemptDispatched.class),
        (dispatched, deliveryCount) -> {
          RefCountedProvider called = providers.current(provider);
          CallSlot slot = slots.use();
          try {
            return starter.begin(dispatched, deliveryCount, called, slot);
          } catch (IllegalArgumentException e) {
            // The slot stays with the consumer, and no call waits for an answer in it.
            slot.answered();
            throw e;
          }
        },
        deadLetters);
  }

  private ShareConsumer<String, byte[]> consumer(ShareGroup group, String clientId, int batch) {
    KafkaShareConsumer<String, byte[]> consumer =
        new KafkaShareConsumer<>(
            group.consumer(context.kafka(), clientId, batch),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(group.topic().name()));
    return consumer;
  }
}
