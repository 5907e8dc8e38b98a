package dev.tokenbus.bench.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbus.bench.provider.behaviour.Content;
import dev.tokenbus.bench.provider.encoding.Answer;
import dev.tokenbus.bench.provider.encoding.ApiError;
import dev.tokenbus.bench.provider.encoding.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Decides what to answer: a pure function of request and behaviour. */
final class AnswerPlan {
  private static final int FRAGMENT_CHARACTERS = 6;

  private final ChatRequest request;
  private final Content content;

  private AnswerPlan(ChatRequest request, Content content) {
    this.request = request;
    this.content = content;
  }

  static Answer of(ChatRequest request, Content content, String id, long created) throws ApiError {
    if (request.prefix().isPresent() && !content.prefill()) {
      throw ApiError.invalid("messages", "This model does not support assistant message prefill.");
    }
    AnswerPlan plan = new AnswerPlan(request, content);
    List<Answer.Choice> choices = new ArrayList<>();
    for (int index = 0; index < request.choices(); index++) {
      choices.add(plan.choice(index));
    }
    return new Answer(id, created, request.model(), choices, plan.usage(choices));
  }

  private Answer.TokenUsage usage(List<Answer.Choice> choices) {
    int completion = choices.stream().mapToInt(choice -> choice.pieces().size()).sum();
    long reasoning =
        choices.stream()
            .flatMap(choice -> choice.pieces().stream())
            .filter(p -> p instanceof Piece.Text text && text.field().equals("reasoning_content"))
            .count();
    int cached = Math.min(content.cachedTokens(), request.promptTokens());
    return new Answer.TokenUsage(request.promptTokens(), cached, completion, (int) reasoning);
  }

  private Answer.Choice choice(int index) {
    List<Piece> pieces = new ArrayList<>();
    for (String token : MockText.tokens(request.promptHash(), ~index, content.reasoningTokens())) {
      pieces.add(new Piece.Text("reasoning_content", token));
    }
    List<ChatRequest.Tool> called = calledTools();
    String finish = "stop";
    if (called.isEmpty()) {
      String field = content.refusal() ? "refusal" : "content";
      stopped(text(index)).forEach(token -> pieces.add(new Piece.Text(field, token)));
    } else {
      finish = request.toolChoice().name().isPresent() ? "stop" : "tool_calls";
      for (int call = 0; call < called.size(); call++) {
        addCall(pieces, call, called.get(call));
      }
    }
    int most = request.maxTokens().orElse(Integer.MAX_VALUE);
    return pieces.size() > most
        ? new Answer.Choice(index, pieces.subList(0, most), "length")
        : new Answer.Choice(index, pieces, finish);
  }

  /** A forced function, those that the behaviour asks for, or the one that the prompt names. */
  private List<ChatRequest.Tool> calledTools() {
    List<ChatRequest.Tool> tools = request.tools();
    String mode = request.toolChoice().mode();
    if (tools.isEmpty() || mode.equals("none")) {
      return List.of();
    }
    Optional<String> forced = request.toolChoice().name();
    if (forced.isPresent()) {
      return tools.stream().filter(tool -> tool.name().equals(forced.get())).limit(1).toList();
    }
    if (request.afterTool() && !mode.equals("required")) {
      return List.of();
    }
    int calls = content.toolCalls();
    if (calls == 0) {
      List<ChatRequest.Tool> named =
          tools.stream().filter(tool -> request.prompt().contains(tool.name())).toList();
      return named.isEmpty() && mode.equals("required") ? tools.subList(0, 1) : named;
    }
    List<ChatRequest.Tool> called = new ArrayList<>();
    for (int call = 0; call < calls; call++) {
      called.add(tools.get(call % tools.size()));
    }
    return called;
  }

  private void addCall(List<Piece> pieces, int call, ChatRequest.Tool tool) {
    long hash = MockText.hash(request.prompt() + content.salt() + tool.name() + call);
    String id = "call_" + String.format(Locale.ROOT, "%016x", hash);
    pieces.add(new Piece.CallStart(call, id, tool.name()));
    List<String> words = MockText.tokens(request.promptHash(), content.salt() + call, 64);
    JsonNode arguments = new SchemaExample(words.iterator()).of(tool.parameters());
    String text = arguments.isObject() ? arguments.toString() : "{}";
    fragments(text).forEach(part -> pieces.add(new Piece.CallArguments(call, part)));
  }

  private List<String> text(int index) {
    long salt = content.salt() + index;
    List<String> tokens =
        content.script().isEmpty()
            ? MockText.tokens(request.promptHash(), salt, content.tokens())
            : content.script();
    if (content.lineSeparators()) {
      tokens = MockText.withLineSeparators(tokens);
    }
    Optional<JsonNode> schema = request.schema();
    if (schema.isPresent()) {
      tokens = json(schema.get(), tokens);
    }
    return request.prefix().isPresent() ? behind(request.prefix().get(), tokens) : tokens;
  }

  private static List<String> json(JsonNode schema, List<String> tokens) {
    if (schema.isObject()) {
      return fragments(new SchemaExample(tokens.iterator()).of(schema).toString());
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("text", String.join("", tokens));
    return fragments(object.toString());
  }

  /** What is left of the text behind the prefix; the whole text when it begins otherwise. */
  private static List<String> behind(String prefix, List<String> tokens) {
    if (!String.join("", tokens).startsWith(prefix)) {
      return tokens;
    }
    List<String> left = new ArrayList<>();
    int skip = prefix.length();
    for (String token : tokens) {
      if (skip < token.length()) {
        left.add(token.substring(skip));
      }
      skip = Math.max(0, skip - token.length());
    }
    return left;
  }

  private List<String> stopped(List<String> tokens) {
    String all = String.join("", tokens);
    int end = all.length();
    for (String stop : request.stops()) {
      int found = all.indexOf(stop);
      end = found < 0 ? end : Math.min(end, found);
    }
    List<String> kept = new ArrayList<>();
    int position = 0;
    for (String token : tokens) {
      int length = Math.min(token.length(), end - position);
      if (length > 0) {
        kept.add(token.substring(0, length));
      }
      position += token.length();
    }
    return kept;
  }

  private static List<String> fragments(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int end = Math.min(text.length(), start + FRAGMENT_CHARACTERS);
      if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
        end++;
      }
      parts.add(text.substring(start, end));
      start = end;
    }
    return parts;
  }
}
