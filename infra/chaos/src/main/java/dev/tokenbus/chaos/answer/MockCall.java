package dev.tokenbus.chaos.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.bench.provider.ReceivedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One call of the mock provider for a client's request.
 *
 * @param prompt of the client; every request has one of its own
 * @param begun the answer so far, as the worker told it to the provider; empty where it told none
 * @param said the tokens of the provider's answer, whether or not they were sent
 */
record MockCall(String prompt, String begun, List<String> said) {
  private static final ObjectMapper JSON = new ObjectMapper();

  MockCall {
    said = List.copyOf(said);
  }

  /** Reads the call from what the mock has kept of it. */
  static MockCall of(ReceivedRequest received) {
    String prompt = "";
    String begun = "";
    for (JsonNode message : messages(received)) {
      String text = message.path("content").asText("");
      switch (message.path("role").asText("")) {
        case "user" -> prompt = prompt.isEmpty() ? text : prompt; // an instruction comes later
        case "assistant" -> begun = text;
        default -> {
          // nothing that a client of a chaos run says
        }
      }
    }
    return new MockCall(prompt, begun, received.said());
  }

  private static JsonNode messages(ReceivedRequest received) {
    try {
      return JSON.readTree(received.body()).path("messages");
    } catch (IOException e) {
      throw new UncheckedIOException("A call that was answered is no JSON", e);
    }
  }

  /** The whole answer behind what had been delivered before. */
  String whole() {
    return begun + String.join("", said);
  }

  /** Whether this is what had been delivered before, and some of the answer's tokens. */
  boolean mayHaveDelivered(String text) {
    int at = begun.length();
    if (!text.startsWith(begun)) {
      return false;
    }
    for (String token : said) {
      if (at == text.length()) {
        return true;
      }
      if (!text.startsWith(token, at)) {
        return false;
      }
      at += token.length();
    }
    return at == text.length();
  }
}
