package dev.tokenbus.bench.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.bench.provider.MockText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/** Makes the requests of a run; no two have the same prompt, so that no cache can answer. */
final class RequestText {
  private static final int INCOMPRESSIBLE_FROM = 10_000;

  /** Its place is taken by each prompt. */
  private static final String PROMPT = "(prompt)";

  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private final LoadPlan plan;
  private final String run = UUID.randomUUID().toString();
  private final String small;
  private final byte[] filling;
  private final long fillingHash;
  private final byte[] before;
  private final byte[] after;
  private long count;

  RequestText(LoadPlan plan) {
    this.plan = plan;
    int length = Math.max(0, plan.promptCharacters() - unique(1).length());
    boolean isLarge = plan.promptCharacters() >= INCOMPRESSIBLE_FROM;
    small = isLarge ? "" : " and so on".repeat(length / 10 + 1).substring(0, length);
    String large = isLarge ? randomLetters(length) : "";
    filling = bytes(large);
    fillingHash = MockText.hash(large);
    String body = body();
    int prompt = body.indexOf(PROMPT);
    before = bytes(body.substring(0, prompt));
    after = bytes(body.substring(prompt + PROMPT.length()));
  }

  /** As an image in base64 would be: a log that compresses must not make it small. */
  private static String randomLetters(int count) {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder letters = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return letters.toString();
  }

  /**
   * One HTTP request.
   *
   * @param promptHash what {@link MockText} makes its answer of
   * @param pieces its bytes; the long ones are shared by all requests of a run
   */
  record Request(long promptHash, List<byte[]> pieces) {}

  Request next() {
    count++;
    String unique = unique(count);
    if (filling.length == 0) {
      String prompt = unique + small;
      byte[] content = bytes(prompt);
      byte[] head = head(before.length + content.length + after.length);
      return new Request(MockText.hash(prompt), List.of(joined(head, before, content, after)));
    }
    byte[] end = bytes(unique);
    byte[] head = head(before.length + filling.length + end.length + after.length);
    return new Request(
        MockText.hash(fillingHash, unique), List.of(head, before, filling, end, after));
  }

  private String unique(long request) {
    return "Load run " + run + ", request " + request;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A small request goes out in one packet. */
  private static byte[] joined(byte[]... pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream(1024);
    for (byte[] piece : pieces) {
      all.writeBytes(piece);
    }
    return all.toByteArray();
  }

  private String body() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", plan.model());
    body.putArray("messages").addObject().put("role", "user").put("content", PROMPT);
    body.put("stream", plan.stream());
    if (plan.stream()) {
      body.putObject("stream_options").put("include_usage", true);
    }
    return body.toString();
  }

  private byte[] head(int length) {
    StringBuilder head = new StringBuilder(256);
    head.append("POST ").append(plan.base().getPath()).append("/chat/completions HTTP/1.1\r\n");
    head.append("Host: ").append(plan.base().getAuthority()).append("\r\n");
    plan.apiKey()
        .ifPresent(key -> head.append("Authorization: Bearer ").append(key).append("\r\n"));
    head.append("Content-Type: application/json\r\nAccept: ");
    head.append(plan.stream() ? "text/event-stream" : "application/json");
    return bytes(head.append("\r\nContent-Length: ").append(length).append("\r\n\r\n").toString());
  }
}
