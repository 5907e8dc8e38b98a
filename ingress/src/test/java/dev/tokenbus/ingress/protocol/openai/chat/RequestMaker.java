package dev.tokenbus.ingress.protocol.openai.chat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.SplittableRandom;

/** Makes valid requests of every kind; the same ones for the same seed. */
final class RequestMaker {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] TEXTS = {
    "",
    "Hello",
    "\"quoted\" \\ and\nlines\t\r",
    "é ü 漢字",
    "😀🏳️‍🌈",
    "\u2028\u2029\u0085",
    "\u0000\u001f\u007f"
  };

  private final SplittableRandom random;

  RequestMaker(long seed) {
    random = new SplittableRandom(seed);
  }

  ObjectNode request() {
    ObjectNode request = JSON.createObjectNode().put("model", "m-" + random.nextInt(9));
    ArrayNode messages = request.putArray("messages");
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      messages.add(message());
    }
    maybe(() -> request.put("temperature", random.nextInt(9) / 4.0));
    maybe(() -> request.put("top_p", random.nextDouble()));
    maybe(() -> request.put("top_k", random.nextInt(50)));
    maybe(() -> request.put("frequency_penalty", 2 - random.nextDouble() * 4));
    maybe(() -> request.put("presence_penalty", random.nextInt(5) - 2));
    maybe(() -> request.put("seed", random.nextLong()));
    maybe(() ->
        request.put(coin() ? "max_tokens" : "max_completion_tokens", 1 + random.nextInt(9999)));
    maybe(() -> request.put("n", 1 + random.nextInt(4)));
    maybe(() -> request.put("logprobs", coin()));
    maybe(() -> request.put("top_logprobs", random.nextInt(21)));
    maybe(() -> request.put("reasoning_effort", "low"));
    maybe(() -> request.put("user", text()));
    maybe(() -> request.put("parallel_tool_calls", coin()));
    maybe(() -> request.putNull("service_tier"));
    maybe(() -> request.putNull("temperature"));
    maybe(() -> request.putObject("logit_bias").put("50256", -100));
    maybe(() -> request.putObject("metadata").put("k", text()));
    maybe(() -> request.putObject("metadata").put("k", 7));
    maybe(() -> request.putArray("tools").add(tool()).add(tool()));
    maybe(() -> request.putArray("tools"));
    stop(request);
    toolChoice(request);
    responseFormat(request);
    if (coin()) {
      request.put("stream", true);
      maybe(() -> request.putObject("stream_options").put("include_usage", coin()).put("x", 1));
    }
    return request;
  }

  private ObjectNode message() {
    ObjectNode message = JSON.createObjectNode();
    switch (random.nextInt(5)) {
      case 0 -> content(message.put("role", coin() ? "system" : "developer"), false);
      case 1 -> content(message.put("role", "user"), true);
      case 2 -> {
        message.put("role", "assistant");
        switch (random.nextInt(3)) {
          case 0 -> message.putNull("content");
          case 1 -> content(message, false);
          default -> nothing();
        }
        maybe(() -> message.putArray("tool_calls").add(toolCall()).add(toolCall()));
        maybe(() -> message.putNull("refusal"));
        maybe(() -> message.put("reasoning_content", text()));
      }
      case 3 -> content(message.put("role", "tool").put("tool_call_id", "call_1"), true);
      default -> message.put("role", "function").put("name", "f").put("content", text());
    }
    maybe(() -> message.put("name", "n"));
    maybe(() -> message.putObject("x_custom").put("deep", 1.25));
    return message;
  }

  private void content(ObjectNode message, boolean rich) {
    if (coin()) {
      message.put("content", text());
      return;
    }
    ArrayNode parts = message.putArray("content");
    int count = random.nextInt(3);
    for (int i = 0; i <= count; i++) {
      parts.add(part(rich ? random.nextInt(8) : 0));
    }
  }

  private ObjectNode part(int kind) {
    ObjectNode part = JSON.createObjectNode();
    switch (kind) {
      case 1 ->
          part.put("type", "image_url").putObject("image_url").put("url", "data:x;base64,AA==");
      case 2 ->
          part.put("type", "image_url")
              .putObject("image_url")
              .put("url", "https://x/y.png")
              .put("detail", "high");
      case 3 ->
          part.put("type", "input_audio")
              .putObject("input_audio")
              .put("data", "AA==")
              .put("format", "wav");
      case 4 -> {
        ObjectNode file = part.put("type", "file").putObject("file");
        maybe(() -> file.put("file_id", "file-1"));
        maybe(() -> file.put("file_data", "AA=="));
        maybe(() -> file.put("filename", text()));
        maybe(() -> file.put("unknown", 1));
      }
      case 5 -> part.put("type", "video_url").putObject("video_url").put("url", text());
      case 6 -> part.put("type", "refusal").put("refusal", text());
      case 7 ->
          part.put("type", "image_url").putObject("image_url").put("url", "u").putNull("detail");
      default -> part.put("type", "text").put("text", text());
    }
    maybe(() -> part.putObject("cache_control").put("type", "ephemeral"));
    return part;
  }

  private ObjectNode toolCall() {
    ObjectNode call = JSON.createObjectNode().put("id", "call_1");
    if (random.nextInt(4) == 0) {
      call.put("type", "custom").putObject("custom").put("name", "c").put("input", text());
      return call;
    }
    ObjectNode function = call.put("type", "function").putObject("function");
    function.put("name", "f").put("arguments", coin() ? "{\"a\":1}" : "not json");
    maybe(() -> call.put("index", 0));
    maybe(() -> function.put("x", 0));
    return call;
  }

  private ObjectNode tool() {
    ObjectNode tool = JSON.createObjectNode();
    if (random.nextInt(4) == 0) {
      return tool.put("type", "web_search").put("depth", 2);
    }
    ObjectNode function = tool.put("type", "function").putObject("function").put("name", "f");
    maybe(() -> function.put("description", text()));
    maybe(() -> function.putObject("parameters").put("type", "object").putObject("properties"));
    maybe(() -> function.put("strict", coin()));
    maybe(() -> function.putNull("strict"));
    maybe(() -> function.put("x", 1));
    maybe(() -> tool.putObject("cache_control").put("type", "ephemeral"));
    return tool;
  }

  private void stop(ObjectNode request) {
    switch (random.nextInt(4)) {
      case 0 -> request.put("stop", text());
      case 1 -> request.putArray("stop").add("a").add(text());
      case 2 -> request.putArray("stop");
      default -> nothing();
    }
  }

  private void toolChoice(ObjectNode request) {
    switch (random.nextInt(6)) {
      case 0 -> request.put("tool_choice", "auto");
      case 1 -> request.put("tool_choice", "any");
      case 2 ->
          request
              .putObject("tool_choice")
              .put("type", "function")
              .putObject("function")
              .put("name", "f");
      case 3 ->
          request.putObject("tool_choice").put("type", "allowed_tools").putObject("allowed_tools");
      default -> nothing();
    }
  }

  private void responseFormat(ObjectNode request) {
    switch (random.nextInt(6)) {
      case 0 -> request.putObject("response_format").put("type", "text");
      case 1 -> request.putObject("response_format").put("type", "json_object").put("x", 1);
      case 2 -> {
        ObjectNode schema =
            request
                .putObject("response_format")
                .put("type", "json_schema")
                .putObject("json_schema");
        schema.put("name", "n");
        maybe(() -> schema.putObject("schema").put("type", "object"));
        maybe(() -> schema.put("strict", true));
        maybe(() -> schema.put("x", 1));
      }
      case 3 -> request.putObject("response_format").put("type", "regex").put("pattern", "a+");
      default -> nothing();
    }
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private boolean coin() {
    return random.nextBoolean();
  }

  private void maybe(Runnable change) {
    if (random.nextInt(3) == 0) {
      change.run();
    }
  }

  private void nothing() {}
}
