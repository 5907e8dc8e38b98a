package dev.tokenbus.schemas.serde;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/** A branch of a union in a record's field; the text form is {@code Record.field: Branch}. */
record UnionBranch(String field, String branch) implements Comparable<UnionBranch> {

  static UnionBranch parse(String text) {
    String[] halves = text.split(": ", 2);
    return new UnionBranch(halves[0], halves[1]);
  }

  /** Branches that the writer may use and the reader does not know. */
  static Set<UnionBranch> unknownTo(Schema reader, Schema writer) {
    Set<UnionBranch> unknown = new TreeSet<>();
    collect(reader, writer, "value", unknown, new HashSet<>());
    return unknown;
  }

  /** The writer's schema without some branches: that of a writer which does not use them. */
  static Schema without(Schema writer, Set<UnionBranch> branches) {
    return copy(writer, "value", branches, new HashMap<>());
  }

  /** Whether a reader comes upon one of the branches in the value. */
  static boolean occursIn(
      @Nullable Object value, Schema reader, Schema writer, Set<UnionBranch> branches) {
    return occurs(value, reader, writer, "value", branches);
  }

  /** The union, or the element type of the array, that a schema has in the field. */
  Schema union(Schema whole) {
    String[] names = field.split("\\.", 2);
    Schema schema = record(whole, names[0], new HashSet<>()).getField(names[1]).schema();
    return schema.getType() == Schema.Type.ARRAY ? schema.getElementType() : schema;
  }

  /** The branch's own schema. */
  Schema schema(Schema whole) {
    return union(whole).getTypes().stream()
        .filter(type -> type.getName().equals(branch))
        .findFirst()
        .orElseThrow();
  }

  private static Schema record(Schema schema, String name, Set<String> seen) {
    return records(schema, seen)
        .filter(found -> found.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Stream<Schema> records(Schema schema, Set<String> seen) {
    return switch (schema.getType()) {
      case RECORD ->
          seen.add(schema.getFullName())
              ? Stream.concat(
                  Stream.of(schema),
                  schema.getFields().stream().flatMap(field -> records(field.schema(), seen)))
              : Stream.empty();
      case UNION -> schema.getTypes().stream().flatMap(branch -> records(branch, seen));
      case ARRAY -> records(schema.getElementType(), seen);
      case MAP -> records(schema.getValueType(), seen);
      case ENUM, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> Stream.empty();
    };
  }

  private static void collect(
      Schema reader, Schema writer, String field, Set<UnionBranch> unknown, Set<String> seen) {
    for (Schema branch : branchesOf(writer)) {
      Schema known = matching(reader, branch);
      if (known == null) {
        unknown.add(new UnionBranch(field, branch.getName()));
      } else if (branch.getType() == Schema.Type.ARRAY) {
        collect(known.getElementType(), branch.getElementType(), field, unknown, seen);
      } else if (branch.getType() == Schema.Type.MAP) {
        collect(known.getValueType(), branch.getValueType(), field, unknown, seen);
      } else if (branch.getType() == Schema.Type.RECORD && seen.add(branch.getFullName())) {
        for (Schema.Field written : branch.getFields()) {
          Schema.Field read = known.getField(written.name());
          if (read != null) {
            collect(
                read.schema(),
                written.schema(),
                branch.getName() + "." + written.name(),
                unknown,
                seen);
          }
        }
      }
    }
  }

  private static Schema copy(
      Schema schema, String field, Set<UnionBranch> left, Map<String, Schema> copies) {
    return switch (schema.getType()) {
      case UNION ->
          Schema.createUnion(
              schema.getTypes().stream()
                  .filter(branch -> !left.contains(new UnionBranch(field, branch.getName())))
                  .map(branch -> copy(branch, field, left, copies))
                  .toList());
      case ARRAY -> Schema.createArray(copy(schema.getElementType(), field, left, copies));
      case MAP -> Schema.createMap(copy(schema.getValueType(), field, left, copies));
      case RECORD -> copyRecord(schema, left, copies);
      case ENUM, FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> schema;
    };
  }

  private static Schema copyRecord(
      Schema record, Set<UnionBranch> left, Map<String, Schema> copies) {
    Schema made = copies.get(record.getFullName());
    if (made != null) {
      return made;
    }
    Schema copy =
        Schema.createRecord(record.getName(), record.getDoc(), record.getNamespace(), false);
    copies.put(record.getFullName(), copy);
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : record.getFields()) {
      Schema schema = copy(field.schema(), record.getName() + "." + field.name(), left, copies);
      boolean nullIsLeft =
          left.contains(new UnionBranch(record.getName() + "." + field.name(), "null"));
      fields.add(
          nullIsLeft
              ? new Schema.Field(field.name(), schema, field.doc())
              : new Schema.Field(field, schema));
    }
    copy.setFields(fields);
    return copy;
  }

  private static boolean occurs(
      @Nullable Object value,
      Schema reader,
      Schema writer,
      String field,
      Set<UnionBranch> branches) {
    Schema branch = writer;
    if (writer.getType() == Schema.Type.UNION) {
      branch = writer.getTypes().get(GenericData.get().resolveUnion(writer, value));
      if (branches.contains(new UnionBranch(field, branch.getName()))) {
        return true;
      }
    }
    Schema read = matching(reader, branch);
    if (read == null) {
      return false;
    }
    return switch (value) {
      case List<?> list ->
          anyOccurs(list, read.getElementType(), branch.getElementType(), field, branches);
      case Map<?, ?> map ->
          anyOccurs(map.values(), read.getValueType(), branch.getValueType(), field, branches);
      case IndexedRecord record -> occursInRecord(record, read, branches);
      case null, default -> false; // a plain value
    };
  }

  private static boolean anyOccurs(
      Iterable<?> values, Schema reader, Schema writer, String field, Set<UnionBranch> branches) {
    for (Object value : values) {
      if (occurs(value, reader, writer, field, branches)) {
        return true;
      }
    }
    return false;
  }

  private static boolean occursInRecord(
      IndexedRecord record, Schema reader, Set<UnionBranch> branches) {
    Schema writer = record.getSchema();
    for (Schema.Field written : writer.getFields()) {
      Schema.Field read = reader.getField(written.name());
      if (read != null
          && occurs(
              record.get(written.pos()),
              read.schema(),
              written.schema(),
              writer.getName() + "." + written.name(),
              branches)) {
        return true;
      }
    }
    return false;
  }

  private static List<Schema> branchesOf(Schema schema) {
    return schema.getType() == Schema.Type.UNION ? schema.getTypes() : List.of(schema);
  }

  private static @Nullable Schema matching(Schema reader, Schema branch) {
    return branchesOf(reader).stream()
        .filter(known ->
            known.getType() == branch.getType() && known.getFullName().equals(branch.getFullName()))
        .findFirst()
        .orElse(null);
  }

  @Override
  public int compareTo(UnionBranch other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return field + ": " + branch;
  }
}
