package dev.tokenbus.bench.provider.behaviour;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The words of a mock model's name, separated by {@code /}. A model's name is the one part of a
 * request that every gateway passes to the provider unchanged.
 *
 * <ul>
 *   <li>{@code 64x20ms}: 64 tokens, 20 ms apart (also {@code 64x500us}, {@code 64x1s}, {@code
 *       64x0})
 *   <li>{@code first-100ms}, {@code headers-100ms}, {@code answer-20ms}: {@link Pace}
 *   <li>{@code reasoning-8}, {@code tools-2}, {@code cached-100}, {@code salt-7}, {@code refusal},
 *       {@code separators}, {@code noprefill}, {@code never-the-same}: {@link Content}
 *   <li>{@code split-7}, {@code burst-4}, {@code crlf}, {@code comments}, {@code nodone}, {@code
 *       nousage}: {@link Wire}
 *   <li>{@code status-503}, {@code retry-after-2}, {@code cut-10}, {@code reset-10}, {@code
 *       stall-10}, {@code malformed-10}, {@code error-10}: {@link ProviderFault}
 *   <li>{@code times-1}: only the first request with the prompt meets the fault
 * </ul>
 */
public final class BehaviourSyntax {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,7})x([0-9]{1,7})(us|ms|s)?");
  private static final Pattern WORD = Pattern.compile("([a-z-]+?)(?:-([0-9]{1,9})(us|ms|s)?)?");

  private BehaviourSyntax() {}

  public static Behaviour apply(String words, Behaviour base) {
    Behaviour result = base;
    for (String word : words.split("/", -1)) {
      if (!word.isEmpty()) {
        result = word(word, result);
      }
    }
    return result;
  }

  private static Behaviour word(String word, Behaviour base) {
    Matcher size = SIZE.matcher(word);
    if (size.matches()) {
      return base.withContent(base.content().withTokens(Integer.parseInt(size.group(1))))
          .withPace(base.pace().withPerToken(duration(size.group(2), size.group(3))));
    }
    Matcher named = WORD.matcher(word);
    if (!named.matches()) {
      throw new IllegalArgumentException("not understood: " + word);
    }
    String name = named.group(1);
    if (named.group(2) == null) {
      return flag(name, base);
    }
    if (named.group(3) != null || isTime(name)) {
      return base.withPace(time(name, duration(named.group(2), named.group(3)), base.pace()));
    }
    return number(name, Integer.parseInt(named.group(2)), base);
  }

  private static Behaviour flag(String name, Behaviour base) {
    Content content = base.content();
    Wire wire = base.wire();
    return switch (name) {
      case "refusal" -> base.withContent(content.withRefusal(true));
      case "separators" -> base.withContent(content.withLineSeparators(true));
      case "never-the-same" -> base.withContent(content.neverTheSame());
      case "noprefill" -> base.withContent(content.withPrefill(false));
      case "crlf" -> base.withWire(wire.withCrlf(true));
      case "comments" -> base.withWire(wire.withComments(true));
      case "nodone" -> base.withWire(wire.withDone(false));
      case "nousage" -> base.withWire(wire.withUsage(false));
      default -> throw new IllegalArgumentException("not understood: " + name);
    };
  }

  private static boolean isTime(String name) {
    return name.equals("first") || name.equals("headers") || name.equals("answer");
  }

  private static Pace time(String name, Duration value, Pace base) {
    return switch (name) {
      case "first" -> base.withFirstToken(value);
      case "headers" -> base.withHeaders(value);
      case "answer" -> base.withAnswer(value);
      default -> throw new IllegalArgumentException("not a time: " + name);
    };
  }

  private static Behaviour number(String name, int value, Behaviour base) {
    Content content = base.content();
    Wire wire = base.wire();
    return switch (name) {
      case "reasoning" -> base.withContent(content.withReasoningTokens(value));
      case "tools" -> base.withContent(content.withToolCalls(value));
      case "cached" -> base.withContent(content.withCachedTokens(value));
      case "salt" -> base.withContent(content.withSalt(value));
      case "split" -> base.withWire(wire.withSplitBytes(value));
      case "burst" -> base.withWire(wire.withBurst(value));
      case "status" -> base.withFault(new ProviderFault.Status(value, retryAfter(base.fault())));
      case "retry-after" ->
          base.withFault(new ProviderFault.Status(status(base.fault()), OptionalInt.of(value)));
      case "cut" -> base.withFault(new ProviderFault.Cut(value, false));
      case "reset" -> base.withFault(new ProviderFault.Cut(value, true));
      case "stall" -> base.withFault(new ProviderFault.Stall(value));
      case "malformed" -> base.withFault(new ProviderFault.Malformed(value));
      case "error" -> base.withFault(new ProviderFault.ErrorEvent(value));
      case "times" -> base.withFaultTimes(value);
      default -> throw new IllegalArgumentException("not understood: " + name);
    };
  }

  private static OptionalInt retryAfter(ProviderFault fault) {
    return fault instanceof ProviderFault.Status status
        ? status.retryAfterSeconds()
        : OptionalInt.empty();
  }

  private static int status(ProviderFault fault) {
    return fault instanceof ProviderFault.Status status ? status.status() : 429;
  }

  private static Duration duration(String number, @Nullable String unit) {
    long value = Long.parseLong(number);
    if (unit == null || unit.equals("ms")) {
      return Duration.ofMillis(value);
    }
    return unit.equals("us") ? Duration.ofNanos(value * 1000) : Duration.ofSeconds(value);
  }
}
