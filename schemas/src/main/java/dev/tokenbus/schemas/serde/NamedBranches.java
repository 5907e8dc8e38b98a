package dev.tokenbus.schemas.serde;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * Keeps Avro from reading a record into another of the same structure.
 *
 * <p>Of a union branch that the reader does not know by name, Avro's Java library takes the
 * reader's first branch with a fitting structure: a newer writer's {@code Sung{text}} would be read
 * as {@code TextDelta{text}}, without an error. Here such a branch of the writer's schema is
 * replaced by a type that no reader has, so that a record which uses it cannot be read, and says
 * so; records that use another branch are read as ever.
 *
 * <p>Only fields that the reader asks for are changed: what it skips is skipped by the writer's own
 * schema. Not thread-safe; for one pair of schemas.
 */
final class NamedBranches {
  /** By the writer's and the reader's record, which are told apart by identity. */
  private final IdentityHashMap<Schema, IdentityHashMap<Schema, Schema>> records =
      new IdentityHashMap<>();

  private NamedBranches() {}

  /** The writer's schema for a reader that tells branches by their names alone. */
  static Schema of(Schema writer, Schema reader) {
    if (writer.equals(reader)) {
      return writer;
    }
    // Names that the reader gives as aliases count as its own.
    return new NamedBranches().adapted(Schema.applyAliases(writer, reader), reader);
  }

  private Schema adapted(Schema writer, Schema reader) {
    if (reader.isUnion() || writer.isUnion()) {
      return union(writer, reader);
    }
    if (writer.getType() != reader.getType()) {
      return writer;
    }
    return switch (writer.getType()) {
      case RECORD -> record(writer, reader);
      case ARRAY -> Schema.createArray(adapted(writer.getElementType(), reader.getElementType()));
      case MAP -> Schema.createMap(adapted(writer.getValueType(), reader.getValueType()));
      default -> writer;
    };
  }

  private Schema record(Schema writer, Schema reader) {
    IdentityHashMap<Schema, Schema> byReader =
        records.computeIfAbsent(writer, unseen -> new IdentityHashMap<>());
    Schema known = byReader.get(reader);
    if (known != null) {
      return known;
    }
    Schema adapted =
        Schema.createRecord(
            writer.getName(), writer.getDoc(), writer.getNamespace(), writer.isError());
    // Before its fields, since a record may hold itself.
    byReader.put(reader, adapted);
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : writer.getFields()) {
      Schema.Field wanted = reader.getField(field.name());
      fields.add(
          new Schema.Field(
              field.name(),
              wanted == null ? field.schema() : adapted(field.schema(), wanted.schema())));
    }
    adapted.setFields(fields);
    return adapted;
  }

  private Schema union(Schema writer, Schema reader) {
    List<Schema> readers = reader.isUnion() ? reader.getTypes() : List.of(reader);
    if (!writer.isUnion()) {
      return branch(writer, readers, 0);
    }
    List<Schema> branches = new ArrayList<>();
    for (Schema branch : writer.getTypes()) {
      branches.add(branch(branch, readers, branches.size()));
    }
    return Schema.createUnion(branches);
  }

  private Schema branch(Schema writer, List<Schema> readers, int position) {
    Schema last = null;
    for (Schema reader : readers) {
      if (reader.getType() != writer.getType()) {
        continue;
      }
      if (writer.getType() != Schema.Type.RECORD) {
        return adapted(writer, reader);
      }
      if (Objects.equals(writer.getName(), reader.getName())) {
        return record(writer, reader);
      }
      last = reader;
    }
    return last == null
        ? writer
        : Schema.createFixed("Unknown" + writer.getName() + position, null, null, 0);
  }
}
