package dev.tokenbus.projections.usage;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.schemas.avro.TokenUsage;
import dev.tokenbus.schemas.avro.UnbilledAttempt;
import java.util.List;
import java.util.Locale;

/** Unbilled attempts as the JSON of column {@code usage_events.unbilled}. */
final class UnbilledJson {
  private UnbilledJson() {}

  static String of(List<UnbilledAttempt> attempts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    attempts.forEach(attempt -> add(array.addObject(), attempt));
    return array.toString();
  }

  private static void add(ObjectNode object, UnbilledAttempt attempt) {
    object
        .put("attempt", attempt.getAttempt())
        .put("claim", attempt.getClaim())
        .put("provider", attempt.getProvider())
        .put("model", attempt.getModel())
        .put("upstream_model", attempt.getUpstreamModel())
        .put("outcome", attempt.getOutcome().name().toLowerCase(Locale.ROOT))
        .put("error_code", attempt.getErrorCode());
    TokenUsage usage = attempt.getUsage();
    if (usage == null) {
      object.putNull("usage");
    } else {
      object.set("usage", TokenColumns.json(usage));
    }
  }
}
