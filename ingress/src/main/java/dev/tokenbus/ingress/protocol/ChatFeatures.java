package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.AudioPart;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.ReasoningPart;
import dev.tokenbus.schemas.avro.RefusalPart;
import dev.tokenbus.schemas.avro.RequestFeatures;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ResponseFormatKind;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolCallPart;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.schemas.avro.ToolChoiceMode;
import dev.tokenbus.schemas.avro.ToolResultPart;
import dev.tokenbus.schemas.chat.TokenEstimate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the router may know of a chat request, so that it never has to read the body. A pure
 * function of the request.
 */
public final class ChatFeatures {
  private long characters;
  private int turns;
  private int images;
  private int audios;
  private int files;
  private boolean code;
  private boolean mathematics;

  private ChatFeatures() {}

  /**
   * Counts the features of a request.
   *
   * @param bodyBytes the size of the body as the client sent it
   */
  public static RequestFeatures of(ChatRequest request, int bodyBytes) {
    ChatFeatures features = new ChatFeatures();
    request.getMessages().forEach(features::add);
    return features.build(request, bodyBytes);
  }

  private void add(Message message) {
    if (message.getRole() == Role.USER) {
      turns++;
    }
    message.getParts().forEach(this::part);
  }

  private void part(Object part) {
    switch (part) {
      case TextPart text -> text(text.getText());
      case ReasoningPart reasoning -> characters += reasoning.getText().length();
      case RefusalPart refusal -> characters += refusal.getText().length();
      case ToolCallPart call -> characters += call.getArguments().length();
      case ToolResultPart result -> result.getContent().forEach(this::part);
      case ImagePart image -> images++;
      case AudioPart audio -> audios++;
      case FilePart file -> files++;
      default -> {
        // The parts of other kinds have no feature of their own.
      }
    }
  }

  private void text(String text) {
    characters += text.length();
    code |= text.contains("```");
    mathematics |= text.contains("$$") || text.contains("\\frac") || text.contains("\\int");
  }

  private RequestFeatures build(ChatRequest request, int bodyBytes) {
    Sampling sampling = request.getSampling();
    ToolChoice choice = request.getToolChoice();
    boolean structured = isStructured(request.getResponseFormat());
    return RequestFeatures.newBuilder()
        .setEstimatedInputTokens(TokenEstimate.of(request))
        .setMaxOutputTokens(sampling.getMaxOutputTokens())
        .setBodyBytes(bodyBytes)
        .setCharacters(characters)
        .setMessages(request.getMessages().size())
        .setTurns(turns)
        .setImages(images)
        .setAudios(audios)
        .setFiles(files)
        .setTools(request.getTools().size())
        .setToolRequired(
            choice != null
                && (choice.getMode() == ToolChoiceMode.REQUIRED
                    || choice.getMode() == ToolChoiceMode.FUNCTION))
        .setStream(request.getStream())
        .setIncludeUsage(request.getIncludeUsage())
        .setStructuredOutput(structured)
        .setCandidates(sampling.getCandidates() == null ? 1 : sampling.getCandidates())
        .setLogprobs(Boolean.TRUE.equals(sampling.getLogprobs()))
        .setReasoningEffort(
            request.getReasoning() == null ? null : request.getReasoning().getEffort())
        .setTemperature(sampling.getTemperature())
        .setSeeded(sampling.getSeed() != null)
        .setLanguage(LanguageGuess.of(request.getMessages()))
        .setCode(code)
        .setMathematics(mathematics)
        .setPrefixHash(PrefixHash.of(request))
        .setNeeds(needs(request, structured))
        .build();
  }

  private List<String> needs(ChatRequest request, boolean structured) {
    List<String> needs = new ArrayList<>();
    if (images > 0) {
      needs.add("vision");
    }
    if (audios > 0) {
      needs.add("audio");
    }
    if (files > 0) {
      needs.add("files");
    }
    if (!request.getTools().isEmpty()) {
      needs.add("tools");
    }
    if (structured) {
      needs.add("json");
    }
    return needs;
  }

  private static boolean isStructured(@Nullable ResponseFormat format) {
    return format != null
        && (format.getKind() == ResponseFormatKind.JSON_OBJECT
            || format.getKind() == ResponseFormatKind.JSON_SCHEMA);
  }
}
