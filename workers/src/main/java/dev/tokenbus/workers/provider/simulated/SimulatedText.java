package dev.tokenbus.workers.provider.simulated;

import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextPart;
import java.util.ArrayList;
import java.util.List;

/**
 * What a simulated model says: first that it is simulated and to what it answers, then words that
 * the prompt alone decides, so that every attempt, worker and run says the same.
 */
final class SimulatedText {
  private static final int LONGEST_QUOTE = 60;

  private static final String[] SUBJECTS = {
    "the broker",
    "every record",
    "a worker",
    "the log",
    "this answer",
    "the prompt",
    "one partition",
    "the reader",
    "an offset",
    "the stream",
    "each token",
    "the router"
  };
  private static final String[] VERBS = {
    "keeps",
    "follows",
    "repeats",
    "measures",
    "carries",
    "remembers",
    "orders",
    "settles",
    "resumes"
  };
  private static final String[] OBJECTS = {
    "what came before",
    "its place",
    "the next attempt",
    "a second reader",
    "the whole request",
    "its own time",
    "the same order",
    "the last position",
    "nothing at all"
  };

  private SimulatedText() {}

  /**
   * The first tokens of the answer; each begins with the space or line break that parts it from the
   * one before.
   */
  static List<String> tokens(ChatRequest request, int choice, int count) {
    List<String> tokens = new ArrayList<>(count);
    String prompt = prompt(request);
    add(
        tokens,
        "This is a simulated answer to \"" + quote(prompt) + "\": no model was asked.",
        count);
    long seed = mix(prompt.hashCode() * 31L + choice * 0x9E3779B9L);
    for (int sentence = 0; tokens.size() < count; sentence++) {
      long bits = mix(seed + sentence);
      String subject = pick(SUBJECTS, bits);
      add(
          tokens,
          Character.toUpperCase(subject.charAt(0))
              + subject.substring(1)
              + " "
              + pick(VERBS, bits >>> 16)
              + " "
              + pick(OBJECTS, bits >>> 32)
              + ".",
          count);
    }
    return tokens;
  }

  private static void add(List<String> tokens, String sentence, int count) {
    for (String word : sentence.split(" ", -1)) {
      if (tokens.size() < count) {
        tokens.add(tokens.isEmpty() ? word : " " + word);
      }
    }
  }

  /** The last thing the user said. */
  private static String prompt(ChatRequest request) {
    for (Message message : request.getMessages().reversed()) {
      if (message.getRole() != Role.ASSISTANT && message.getRole() != Role.SYSTEM) {
        for (Object part : message.getParts()) {
          if (part instanceof TextPart text && !text.getText().isBlank()) {
            return text.getText();
          }
        }
      }
    }
    return "";
  }

  private static String quote(String prompt) {
    String line = prompt.strip().replaceAll("\\s+", " ");
    return line.codePointCount(0, line.length()) <= LONGEST_QUOTE
        ? line
        : line.substring(0, line.offsetByCodePoints(0, LONGEST_QUOTE)) + "…";
  }

  private static String pick(String[] words, long bits) {
    return words[(int) ((bits & 0xFFFF) % words.length)];
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
