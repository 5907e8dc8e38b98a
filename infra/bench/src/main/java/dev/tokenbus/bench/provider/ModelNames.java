package dev.tokenbus.bench.provider;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.bench.provider.behaviour.Behaviour;
import dev.tokenbus.bench.provider.behaviour.BehaviourSyntax;
import dev.tokenbus.bench.provider.encoding.ApiError;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Which models the mock has: {@code mock}, {@code mock/…}, and further plain names. */
final class ModelNames {
  private static final String MOCK = "mock";
  private static final long CREATED = 1_700_000_000L;

  private final List<String> further;

  ModelNames(List<String> further) {
    this.further = List.copyOf(further);
  }

  /** The behaviour of the model. */
  Behaviour behaviour(String model, Behaviour base) throws ApiError {
    if (model.equals(MOCK) || further.contains(model)) {
      return base;
    }
    if (!model.startsWith(MOCK + "/")) {
      throw ApiError.unknownModel(model, "");
    }
    try {
      return BehaviourSyntax.apply(model.substring(MOCK.length() + 1), base);
    } catch (IllegalArgumentException e) {
      throw ApiError.unknownModel(model, " (" + e.getMessage() + ")");
    }
  }

  byte[] list() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("object", "list");
    ArrayNode data = body.putArray("data");
    data.add(model(MOCK));
    further.forEach(name -> data.add(model(name)));
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  byte[] describe(String name) throws ApiError {
    behaviour(name, Behaviour.PLAIN);
    return model(name).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode model(String name) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", name);
    node.put("object", "model");
    node.put("created", CREATED);
    node.put("owned_by", "tokenbus-mock");
    return node;
  }
}
