package dev.tokenbus.runtime.catalogue;

import dev.tokenbus.schemas.avro.PolicyEntry;
import java.util.List;
import org.apache.avro.Schema;

/** Puts a request's policy together out of those that concern it. */
final class RequestPolicy {
  /** The policy of those for whom no other says something. */
  static final String DEFAULT = "default";

  private RequestPolicy() {}

  /**
   * Each field as the first policy has it that says something of it.
   *
   * @param policies the one that counts most comes first
   * @return a policy whose other fields are null
   */
  static PolicyEntry of(List<PolicyEntry> policies) {
    PolicyEntry merged = PolicyEntry.newBuilder().setId("").build();
    for (Schema.Field field : PolicyEntry.getClassSchema().getFields()) {
      for (PolicyEntry policy : policies) {
        Object value = policy.get(field.pos());
        if (value != null) {
          merged.put(field.pos(), value);
          break;
        }
      }
    }
    return merged;
  }
}
