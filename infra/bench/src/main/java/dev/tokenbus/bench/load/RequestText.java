package dev.tokenbus.bench.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.UUID;

/** Makes the requests of a run; no two have the same prompt, so that no cache can answer. */
final class RequestText {
  private static final int INCOMPRESSIBLE_FROM = 10_000;
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private final LoadPlan plan;
  private final String run = UUID.randomUUID().toString();
  private final String filling;
  private long count;

  RequestText(LoadPlan plan) {
    this.plan = plan;
    filling =
        plan.promptCharacters() < INCOMPRESSIBLE_FROM
            ? " and so on".repeat(plan.promptCharacters() / 10 + 1)
            : randomLetters(plan.promptCharacters());
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

  /** The prompt and the whole HTTP request. */
  @SuppressWarnings("ArrayRecordComponent") // written to a socket and forgotten
  record Request(String prompt, byte[] bytes) {}

  Request next() {
    count++;
    String begin = "Load run " + run + ", request " + count + ":";
    int fill = Math.max(0, plan.promptCharacters() - begin.length());
    String prompt = begin + filling.substring(0, Math.min(fill, filling.length()));
    byte[] body = body(prompt);
    byte[] head = head(body.length).getBytes(StandardCharsets.ISO_8859_1);
    byte[] bytes = new byte[head.length + body.length];
    System.arraycopy(head, 0, bytes, 0, head.length);
    System.arraycopy(body, 0, bytes, head.length, body.length);
    return new Request(prompt, bytes);
  }

  private byte[] body(String prompt) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", plan.model());
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    body.put("stream", plan.stream());
    if (plan.stream()) {
      body.putObject("stream_options").put("include_usage", true);
    }
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  private String head(int length) {
    StringBuilder head = new StringBuilder(256);
    head.append("POST ").append(plan.base().getPath()).append("/chat/completions HTTP/1.1\r\n");
    head.append("Host: ").append(plan.base().getAuthority()).append("\r\n");
    plan.apiKey()
        .ifPresent(key -> head.append("Authorization: Bearer ").append(key).append("\r\n"));
    head.append("Content-Type: application/json\r\nAccept: ");
    head.append(plan.stream() ? "text/event-stream" : "application/json");
    return head.append("\r\nContent-Length: ").append(length).append("\r\n\r\n").toString();
  }
}
