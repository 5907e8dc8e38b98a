package dev.tokenbus.bench.provider;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The text that a prompt gives: token k depends on the prompt and the salt alone, so every attempt,
 * model and process says the same, and a reader can tell a lost token from a late one.
 */
public final class MockText {
  private static final List<String> WORDS =
      List.of(
          ("the of and to in is that it was for on are as with they be at one have this from by hot"
                  + " but some what there we can out other were all your when up use word how said"
                  + " an each she which do their time if will way about many then them would write"
                  + " like so these her long make thing see him two has look more day could go come"
                  + " did my sound no most number who over know water than call first people may"
                  + " down side been now find any new work part take get place made live where after"
                  + " back little only round man year came show every good me give our under name"
                  + " broker offset stream record topic event token prompt model answer partition"
                  + " naïve Zürich café straße Ångström señor Ελλάδα мост 日本 数据 한국 🙂 🚀 æon"
                  + " \"quoted\" back\\slash tab\tbed line\nbreak <tag> &amp; 100% a/b {brace}")
              .split(" ", -1));
  private static final List<String> SEPARATORS = List.of("\u2028", "\u2029", "\u0085");

  private MockText() {}

  /** The first tokens that the prompt gives under this salt. */
  public static List<String> tokens(String prompt, long salt, int count) {
    return tokens(hash(prompt), salt, count);
  }

  /** The same of a prompt whose {@link #hash} is known; a long one takes time to hash. */
  public static List<String> tokens(long promptHash, long salt, int count) {
    long seed = mix(promptHash ^ (salt * 0x9E3779B97F4A7C15L));
    List<String> tokens = new ArrayList<>(count);
    for (int k = 0; k < count; k++) {
      int word = (int) Long.remainderUnsigned(mix(seed + k), WORDS.size());
      tokens.add(k == 0 ? WORDS.get(word) : " " + WORDS.get(word));
    }
    return tokens;
  }

  /** The whole text of so many tokens without a salt. */
  public static String text(String prompt, int tokens) {
    return String.join("", tokens(prompt, 0, tokens));
  }

  static List<String> withLineSeparators(List<String> tokens) {
    List<String> result = new ArrayList<>(tokens.size());
    for (int k = 0; k < tokens.size(); k++) {
      result.add(tokens.get(k) + SEPARATORS.get(k % SEPARATORS.size()));
    }
    return result;
  }

  /** The hash of a whole prompt (FNV-1a, 64 bits). */
  public static long hash(String text) {
    return hash(0xcbf29ce484222325L, text);
  }

  /** The hash of a text that goes on with these words after one that has this hash. */
  public static long hash(long before, String more) {
    long hash = before;
    for (byte next : more.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (next & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
