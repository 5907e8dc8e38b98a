package dev.tokenbus.schemas.serde;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Makes a reader's schema resolve branches of unions by name alone.
 *
 * <p>Avro takes a branch that the reader does not know for the first of the reader's whose fields
 * fit, whatever its name (Java implementation, {@code Resolver.ReaderUnion}); a record without
 * required fields fits anything. A newer writer's event would so be read as another event instead
 * of being unreadable. Here every such branch gets a counterpart of its name that nothing can be
 * read into, so that decoding a record that uses it fails.
 *
 * <p>Thread-safe.
 */
public final class UnionsByName {
  private static final String NEVER_WRITTEN = "neverWritten";

  private final Map<String, Schema> writerRecords = new HashMap<>();
  private final Map<String, Schema> copies = new HashMap<>();
  private final Map<String, Schema> unreadable = new HashMap<>();

  private UnionsByName() {}

  /** The reader's schema for records of this writer. */
  public static Schema of(Schema writer, Schema reader) {
    UnionsByName unions = new UnionsByName();
    Schema renamed = Schema.applyAliases(writer, reader);
    collect(renamed, unions.writerRecords);
    return unions.copy(reader, renamed);
  }

  /** All records by full name. */
  private static void collect(Schema schema, Map<String, Schema> records) {
    switch (schema.getType()) {
      case RECORD -> {
        if (records.putIfAbsent(schema.getFullName(), schema) == null) {
          schema.getFields().forEach(field -> collect(field.schema(), records));
        }
      }
      case ARRAY -> collect(schema.getElementType(), records);
      case MAP -> collect(schema.getValueType(), records);
      case UNION -> schema.getTypes().forEach(branch -> collect(branch, records));
      case ENUM, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> {}
    }
  }

  private Schema copy(Schema reader, @Nullable Schema writer) {
    return switch (reader.getType()) {
      case RECORD -> copyRecord(reader);
      case ARRAY ->
          withProperties(
              reader,
              Schema.createArray(
                  copy(
                      reader.getElementType(),
                      writer != null && writer.getType() == Schema.Type.ARRAY
                          ? writer.getElementType()
                          : null)));
      case MAP ->
          withProperties(
              reader,
              Schema.createMap(
                  copy(
                      reader.getValueType(),
                      writer != null && writer.getType() == Schema.Type.MAP
                          ? writer.getValueType()
                          : null)));
      case UNION -> copyUnion(reader, writer == null ? List.of() : branches(writer));
      case ENUM, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> reader;
    };
  }

  private Schema copyRecord(Schema reader) {
    Schema done = copies.get(reader.getFullName());
    if (done != null) {
      return done;
    }
    Schema copy =
        Schema.createRecord(
            reader.getName(), reader.getDoc(), reader.getNamespace(), reader.isError());
    copies.put(reader.getFullName(), copy);
    reader.getAliases().forEach(copy::addAlias);
    Schema writer = writerRecords.get(reader.getFullName());
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : reader.getFields()) {
      Schema.Field written = writer == null ? null : writer.getField(field.name());
      fields.add(
          new Schema.Field(field, copy(field.schema(), written == null ? null : written.schema())));
    }
    copy.setFields(fields);
    return withProperties(reader, copy);
  }

  private Schema copyUnion(Schema reader, List<Schema> written) {
    List<Schema> branches = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Schema branch : reader.getTypes()) {
      names.add(branch.getFullName());
      branches.add(
          copy(
              branch,
              written.stream()
                  .filter(other -> other.getType() == branch.getType())
                  .findFirst()
                  .orElse(null)));
    }
    for (Schema branch : written) {
      String name = branch.getFullName();
      // The reader may know the name elsewhere: the copy is never printed, so both can stand in it.
      if (branch.getType() == Schema.Type.RECORD && !names.contains(name)) {
        branches.add(unreadable.computeIfAbsent(name, _ -> counterpart(branch)));
      }
    }
    return Schema.createUnion(branches);
  }

  private static Schema counterpart(Schema branch) {
    return Schema.createRecord(
        branch.getName(),
        null,
        branch.getNamespace(),
        false,
        List.of(new Schema.Field(NEVER_WRITTEN, Schema.create(Schema.Type.STRING))));
  }

  private static List<Schema> branches(Schema writer) {
    return writer.getType() == Schema.Type.UNION ? writer.getTypes() : List.of(writer);
  }

  private static Schema withProperties(Schema from, Schema to) {
    from.getObjectProps().forEach(to::addProp);
    return to;
  }
}
