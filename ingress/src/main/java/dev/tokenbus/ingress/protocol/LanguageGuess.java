package dev.tokenbus.ingress.protocol;

import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.TextPart;
import java.lang.Character.UnicodeScript;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells the language of the user's last message where its script belongs to one language alone.
 * Latin, Cyrillic, Arabic and Devanagari serve many, so nothing is said of them.
 */
final class LanguageGuess {
  private static final int LOOKED_AT = 400;

  private LanguageGuess() {}

  /** The language as ISO 639-1 has it; null if it cannot be told. */
  static @Nullable String of(List<Message> messages) {
    for (Message message : messages.reversed()) {
      if (message.getRole() == Role.USER) {
        for (Object part : message.getParts()) {
          if (part instanceof TextPart text) {
            return of(text.getText());
          }
        }
      }
    }
    return null;
  }

  private static @Nullable String of(String text) {
    boolean han = false;
    int end = Math.min(text.length(), LOOKED_AT);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c < 0x370) {
        continue;
      }
      switch (UnicodeScript.of(c)) {
        case HIRAGANA, KATAKANA -> {
          return "ja";
        }
        case HANGUL -> {
          return "ko";
        }
        case THAI -> {
          return "th";
        }
        case GREEK -> {
          return "el";
        }
        case HEBREW -> {
          return "he";
        }
        case GEORGIAN -> {
          return "ka";
        }
        case ARMENIAN -> {
          return "hy";
        }
        case HAN -> han = true;
        default -> {
          // A script of many languages, or of none.
        }
      }
    }
    // Japanese would have shown kana by now.
    return han ? "zh" : null;
  }
}
