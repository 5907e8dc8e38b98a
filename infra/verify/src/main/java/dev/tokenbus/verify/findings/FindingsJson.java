package dev.tokenbus.verify.findings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Findings as one JSON document. */
public final class FindingsJson {
  private FindingsJson() {}

  /**
   * Returns the counts and the first differences.
   *
   * @param most differences to give one by one; {@code difference_count} counts them all
   */
  public static JsonNode of(Findings findings, int most) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    counts(root.putObject("topics"), findings.topics());
    counts(root.putObject("tables"), findings.tables());
    root.put("settled", findings.settled());
    root.put("settling", findings.settling());
    root.put("behind", findings.behind());
    root.put("repeats", findings.repeats());
    root.put("expired_replies", findings.expiredReplies());
    root.put("expired_requests", findings.expiredRequests());
    root.put("difference_count", findings.differences().size());
    ArrayNode differences = root.putArray("differences");
    findings.differences().stream()
        .limit(most)
        .forEach(difference ->
            differences
                .addObject()
                .put("kind", difference.kind().wireName())
                .put("subject", difference.subject())
                .put("detail", difference.detail()));
    return root;
  }

  private static void counts(ObjectNode node, RequestCounts counts) {
    node.put("accepted", counts.accepted());
    node.put("completed", counts.completed());
    node.put("failed", counts.failed());
    node.put("cancelled", counts.cancelled());
    node.put("rejected", counts.rejected());
    node.put("in_flight", counts.inFlight());
  }
}
