package dev.tokenbus.router.transfer;

import dev.tokenbus.runtime.kafka.KafkaSettings;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;

/**
 * The router's state as a file of records: every entry of the store with its partition, and the
 * offsets behind it. The application must not run meanwhile.
 */
public final class StateArchive {
  private static final int MAGIC = 0x54425231;
  private static final int ENTRY = 1;
  private static final int OFFSET = 2;
  private static final int END = 0;

  private final KafkaSettings kafka;
  private final Application application;

  public StateArchive(KafkaSettings kafka, Application application) {
    this.kafka = kafka;
    this.application = application;
  }

  /**
   * Writes the state to a file.
   *
   * @return the number of entries
   * @throws IllegalStateException if an instance of the application runs
   */
  public long exportTo(Path file) throws IOException {
    try (Admin admin = Admin.create(kafka.common());
        LogCopy log = new LogCopy(kafka);
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      StreamsGroups groups = new StreamsGroups(admin);
      requireStopped(groups);
      out.writeInt(MAGIC);
      long entries = 0;
      int partitions = groups.partitions(application.changelog());
      for (int partition = 0; partition < partitions; partition++) {
        for (Map.Entry<Bytes, byte[]> entry :
            log.latest(application.changelog(), partition).entrySet()) {
          out.writeByte(ENTRY);
          out.writeInt(partition);
          write(out, entry.getKey().get());
          write(out, entry.getValue());
          entries++;
        }
      }
      for (Map.Entry<TopicPartition, OffsetAndMetadata> offset :
          groups.committed(application.group()).entrySet()) {
        out.writeByte(OFFSET);
        out.writeUTF(offset.getKey().topic());
        out.writeInt(offset.getKey().partition());
        out.writeLong(offset.getValue().offset());
      }
      out.writeByte(END);
      return entries;
    }
  }

  /**
   * Reads the state from a file, all of it or nothing.
   *
   * @return the number of entries
   * @throws IllegalStateException if an instance of the application runs, or it has a state already
   * @throws IOException if the file is not an archive, or not complete
   */
  public long importFrom(Path file) throws IOException {
    try (Admin admin = Admin.create(kafka.common());
        DataInputStream in =
            new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      StreamsGroups groups = new StreamsGroups(admin);
      requireStopped(groups);
      if (!groups.committed(application.group()).isEmpty()) {
        throw new IllegalStateException(
            "Application " + application.group() + " has a state already");
      }
      if (in.readInt() != MAGIC) {
        throw new IOException(file + " is not an archive of the router's state");
      }
      groups.create(
          application.changelog(),
          groups.partitions(application.input()),
          application.changelogSettings());
      try (StateWriter writer = new StateWriter(kafka, application)) {
        writer.begin();
        return copy(in, writer);
      }
    }
  }

  private static long copy(DataInputStream in, StateWriter writer) throws IOException {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    long entries = 0;
    for (int kind = in.readByte(); kind != END; kind = in.readByte()) {
      switch (kind) {
        case ENTRY -> {
          int partition = in.readInt();
          writer.put(partition, Bytes.wrap(read(in)), read(in));
          entries++;
        }
        case OFFSET ->
            offsets.put(
                new TopicPartition(in.readUTF(), in.readInt()),
                new OffsetAndMetadata(in.readLong()));
        default -> throw new IOException("Not a record of the router's state: " + kind);
      }
    }
    writer.commit(offsets);
    return entries;
  }

  private void requireStopped(StreamsGroups groups) {
    int members = groups.members(application.group());
    if (members > 0) {
      throw new IllegalStateException(
          members + " instances of " + application.group() + " run: stop them first");
    }
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] read(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
