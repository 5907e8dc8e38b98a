package dev.tokenbus.embedded;

import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The configuration of a broker that is alone, shares two cores with its clients, and carries
 * records of 12 MB.
 *
 * <p>Names and meanings: <a href="https://kafka.apache.org/43/configuration/broker-configs/">Kafka
 * 4.3 broker configuration</a>. RATIONALE.md has the measurements behind the numbers.
 */
final class BrokerProperties {
  static final int NODE_ID = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";

  /** 12 MB of record and what batch and request add to it. */
  private static final String MAX_BATCH_BYTES = String.valueOf(13 * 1024 * 1024);

  private static final String INTERNAL_PARTITIONS = "4";
  private static final Map<String, String> FIXED = fixed();

  private BrokerProperties() {}

  static Properties of(BrokerSettings settings, int port, int controllerPort) {
    Properties properties = new Properties();
    properties.putAll(FIXED);
    properties.put("log.dirs", settings.directory().toAbsolutePath().toString());
    properties.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,%s://127.0.0.1:%d"
            .formatted(port, CONTROLLER_LISTENER, controllerPort));
    properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    properties.put(
        "controller.quorum.voters", "%d@127.0.0.1:%d".formatted(NODE_ID, controllerPort));
    properties.putAll(settings.overrides());
    return properties;
  }

  private static Map<String, String> fixed() {
    Map<String, String> p = new TreeMap<>();
    node(p);
    singleReplica(p);
    largeRecords(p);
    groups(p);
    smallFootprint(p);
    return Map.copyOf(p);
  }

  private static void node(Map<String, String> p) {
    p.put("process.roles", "broker,controller");
    p.put("node.id", String.valueOf(NODE_ID));
    p.put("controller.listener.names", CONTROLLER_LISTENER);
    p.put("listener.security.protocol.map", CONTROLLER_LISTENER + ":PLAINTEXT,PLAINTEXT:PLAINTEXT");
    p.put("auto.create.topics.enable", "false");
    // With one voter nobody else is waiting for the batch that the default of 25 ms gathers.
    p.put("controller.quorum.append.linger.ms", "0");
    // The controller's heartbeat to its log is an fsync; nobody follows this log.
    p.put("metadata.max.idle.interval.ms", "5000");
    p.put("auto.leader.rebalance.enable", "false");
    p.put("broker.session.timeout.ms", "3000");
    p.put("broker.heartbeat.interval.ms", "500");
  }

  private static void singleReplica(Map<String, String> p) {
    p.put("default.replication.factor", "1");
    p.put("min.insync.replicas", "1");
    p.put("offsets.topic.num.partitions", INTERNAL_PARTITIONS);
    p.put("offsets.topic.replication.factor", "1");
    p.put("transaction.state.log.num.partitions", INTERNAL_PARTITIONS);
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("share.coordinator.state.topic.num.partitions", INTERNAL_PARTITIONS);
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
  }

  private static void largeRecords(Map<String, String> p) {
    p.put("message.max.bytes", MAX_BATCH_BYTES);
    p.put("replica.fetch.max.bytes", MAX_BATCH_BYTES);
  }

  /**
   * A member that died is noticed after 6 s, not 45; a group starts without waiting for more
   * members.
   */
  private static void groups(Map<String, String> p) {
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("group.streams.initial.rebalance.delay.ms", "0");
    p.put("group.min.session.timeout.ms", "1000");
    for (String type : new String[] {"consumer", "share", "streams"}) {
      String prefix = "group." + type + ".";
      p.put(prefix + "min.heartbeat.interval.ms", "100");
      p.put(prefix + "heartbeat.interval.ms", "1000");
      p.put(prefix + "min.session.timeout.ms", "1000");
      p.put(prefix + "session.timeout.ms", "6000");
      p.put(prefix + "assignment.interval.ms", "0");
    }
    p.put("group.share.min.record.lock.duration.ms", "1000");
  }

  private static void smallFootprint(Map<String, String> p) {
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "4");
    p.put("background.threads", "2");
    p.put("group.coordinator.threads", "2");
    p.put("num.recovery.threads.per.data.dir", "2");
    // Allocated once per cleaner thread; 4 MB hold the keys of 170,000 records per pass, the
    // default is 128 MB.
    p.put("log.cleaner.dedupe.buffer.size", String.valueOf(4 * 1024 * 1024));
    // After kill -9 the active segment of every partition is read again: small segments, short
    // recovery.
    p.put("log.segment.bytes", String.valueOf(64 * 1024 * 1024));
    p.put("log.index.size.max.bytes", String.valueOf(1024 * 1024));
    p.put("offsets.load.buffer.size", String.valueOf(1024 * 1024));
    p.put("transaction.state.log.load.buffer.size", String.valueOf(1024 * 1024));
    p.put("share.coordinator.load.buffer.size", String.valueOf(1024 * 1024));
  }
}
