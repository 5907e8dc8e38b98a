package dev.tokenbus.local;

import dev.tokenbus.runtime.catalogue.Catalogue;
import dev.tokenbus.runtime.catalogue.KeyHash;
import dev.tokenbus.runtime.catalogue.publish.CataloguePublisher;
import dev.tokenbus.runtime.catalogue.publish.CatalogueSource;
import dev.tokenbus.schemas.avro.ApiKeyEntry;
import dev.tokenbus.schemas.avro.CatalogueEntry;
import dev.tokenbus.schemas.avro.TenantEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * The API key of a local installation: created on its first start from 32 random bytes and kept in
 * the home directory alone. The catalogue holds its hash.
 *
 * @param text {@code tb_} and 64 hex digits
 */
record LocalKey(String text) {
  static final String TENANT = "default";
  static final String NAME = "up";
  private static final int RANDOM_BYTES = 32;

  LocalKey {
    if (!text.matches("tb_[0-9a-f]{64}")) {
      throw new IllegalArgumentException("An API key is tb_ and 64 hex digits");
    }
  }

  /** The home's key, created if there is none. */
  static LocalKey of(Home home) {
    try {
      if (Files.exists(home.keyFile())) {
        return new LocalKey(Files.readString(home.keyFile()).strip());
      }
      home.create();
      LocalKey key = random(new SecureRandom());
      PrivateFile.write(home.keyFile(), key.text + System.lineSeparator());
      return key;
    } catch (IOException e) {
      throw new UncheckedIOException("The key file " + home.keyFile() + " cannot be used: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          home.keyFile() + " holds no API key; delete it to have a new one made", e);
    }
  }

  static LocalKey random(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return new LocalKey("tb_" + HexFormat.of().formatHex(bytes));
  }

  /** Makes the key valid at every ingress. */
  void publish(CataloguePublisher publisher, Instant appliedAt) {
    Map<String, CatalogueEntry> entries = new TreeMap<>();
    for (SpecificRecord value :
        new SpecificRecord[] {
          TenantEntry.newBuilder().setName(TENANT).build(),
          ApiKeyEntry.newBuilder()
              .setTenant(TENANT)
              .setName(NAME)
              .setSha256(KeyHash.sha256(text))
              .build()
        }) {
      CatalogueEntry entry =
          CatalogueEntry.newBuilder().setAppliedAt(appliedAt).setEntry(value).build();
      entries.put(Catalogue.keyOf(entry), entry);
    }
    publisher.replace(entries, CatalogueSource.UP, Set.of(CatalogueSource.UP));
  }

  /** Hides the key, because the text of a record ends up in logs. */
  @Override
  public String toString() {
    return "LocalKey[tb_…]";
  }
}
