package dev.tokenbus.runtime.json;

import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbus.runtime.json.JsonValueException.Fault;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An index of an object's members by position, for objects whose meaning depends on a member that
 * may come last. Taking a member removes it, so that the members left at the end are those that
 * were not understood. Not thread-safe.
 */
public final class JsonObjectIndex {
  private record Place(JsonToken token, int from, int to) {}

  private final JsonCursor cursor;
  private final JsonPath path;
  private final Map<String, Place> places = new LinkedHashMap<>();

  /** Indexes the object the cursor stands on and moves the cursor to its end. */
  public JsonObjectIndex(JsonCursor cursor, JsonPath path) throws IOException {
    this.cursor = cursor;
    this.path = path;
    cursor.requireObject(path);
    while (cursor.nextMember()) {
      String name = cursor.member();
      int from = cursor.position();
      JsonToken token = cursor.token();
      cursor.skip();
      places.put(name, new Place(token, from, cursor.end()));
    }
  }

  public JsonPath path() {
    return path;
  }

  /** Takes a required string. */
  public String requireString(String name) throws IOException {
    Place place = places.remove(name);
    if (place == null) {
      throw new JsonValueException(new Fault.Missing(path.at(name)));
    }
    return string(name, place);
  }

  /** Takes a string; null if it is absent or JSON null, and JSON null is not taken. */
  public @Nullable String string(String name) throws IOException {
    Place place = take(name);
    return place == null ? null : string(name, place);
  }

  /** Takes a boolean, as {@link #string(String)} does. */
  public @Nullable Boolean bool(String name) throws IOException {
    Place place = take(name);
    if (place == null) {
      return null;
    }
    try (JsonCursor value = cursor.over(place.from, place.to)) {
      return value.bool(path.at(name));
    }
  }

  /** Takes an object's text, as {@link #string(String)} does. */
  public @Nullable String objectText(String name) {
    Place place = take(name);
    if (place == null) {
      return null;
    }
    if (place.token != JsonToken.START_OBJECT) {
      throw new JsonValueException(new Fault.WrongType(path.at(name), "an object", place.token));
    }
    return cursor.slice(place.from, place.to);
  }

  /** Takes a required object. */
  public JsonObjectIndex requireObject(String name) throws IOException {
    Place place = places.remove(name);
    if (place == null) {
      throw new JsonValueException(new Fault.Missing(path.at(name)));
    }
    try (JsonCursor value = cursor.over(place.from, place.to)) {
      return new JsonObjectIndex(value, path.at(name));
    }
  }

  /** Whether every member has been taken. */
  public boolean isEmpty() {
    return places.isEmpty();
  }

  /** The members that have not been taken, as a JSON object; null if there are none. */
  public @Nullable String rest() {
    ExtraMembers rest = new ExtraMembers();
    places.forEach((name, place) -> rest.keep(name, cursor.slice(place.from, place.to)));
    return rest.json();
  }

  private @Nullable Place take(String name) {
    Place place = places.get(name);
    if (place == null || place.token == JsonToken.VALUE_NULL) {
      return null;
    }
    places.remove(name);
    return place;
  }

  private String string(String name, Place place) throws IOException {
    try (JsonCursor value = cursor.over(place.from, place.to)) {
      return value.string(path.at(name));
    }
  }
}
