package dev.tokenbus.ingress.protocol.openai.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenbus.ingress.protocol.Problem;
import dev.tokenbus.ingress.protocol.ProblemException;
import dev.tokenbus.ingress.protocol.Submission;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Priority;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolResultPart;
import dev.tokenbus.schemas.errors.ErrorCode;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiChatParserTest {
  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

  @Test
  void readsTheSmallestRequest() {
    ChatRequest request = parse("{\"model\":\"m\"," + MESSAGES + "}");

    assertThat(request.getModel()).isEqualTo("m");
    assertThat(request.getStream()).isFalse();
    assertThat(request.getExtra()).isNull();
    assertThat(request.getMessages()).hasSize(1);
    assertThat(request.getMessages().getFirst().getForm()).isEqualTo(ContentForm.STRING);
    assertThat(((TextPart) request.getMessages().getFirst().getParts().getFirst()).getText())
        .isEqualTo("Hi");
  }

  @Test
  void keepsUnknownMembersToTheLetter() {
    ChatRequest request =
        parse(
            "{\"zeta\": {\"a\" : 1.50, \"b\":1e400},\"model\":\"m\","
                + MESSAGES
                + ",\"x\\n\":[ ]}");

    assertThat(request.getExtra()).isEqualTo("{\"zeta\":{\"a\" : 1.50, \"b\":1e400},\"x\\n\":[ ]}");
  }

  @Test
  void countsNullAsAbsentAndPassesItOn() {
    ChatRequest request =
        parse("{\"model\":\"m\",\"temperature\":null,\"mode\":null," + MESSAGES + "}");

    assertThat(request.getSampling().getTemperature()).isNull();
    assertThat(request.getExtra()).isEqualTo("{\"temperature\":null}");
  }

  @Test
  void readsPartsWhoseTypeComesLast() {
    ChatRequest request =
        parse(
            """
            {"model":"m","messages":[{"content":[
              {"cache_control":{"type":"ephemeral"},"text":"Look: \\u00e9","type":"text"},
              {"image_url":{"detail":"low","url":"data:image/png;base64,AAAA"},"type":"image_url"}
            ],"role":"user"}]}
            """);

    TextPart text = (TextPart) request.getMessages().getFirst().getParts().getFirst();
    ImagePart image = (ImagePart) request.getMessages().getFirst().getParts().getLast();
    assertThat(text.getText()).isEqualTo("Look: é");
    assertThat(text.getExtra()).isEqualTo("{\"cache_control\":{\"type\":\"ephemeral\"}}");
    assertThat(image.getUrl()).isEqualTo("data:image/png;base64,AAAA");
    assertThat(image.getDetail()).isEqualTo("low");
  }

  @Test
  void readsToolResults() {
    ChatRequest request =
        parse(
            """
            {"model":"m","messages":[{"role":"tool","content":"4","tool_call_id":"call_1"}]}
            """);

    ToolResultPart result = (ToolResultPart) request.getMessages().getFirst().getParts().getFirst();
    assertThat(result.getToolCallId()).isEqualTo("call_1");
    assertThat(result.getForm()).isEqualTo(ContentForm.STRING);
  }

  @Test
  void readsTheExtensionsAndSendsThemNoProvider() {
    Submission submission =
        submission(
            "{\"model\":\"m\",\"mode\":\"think\",\"agentId\":\"a7\",\"priority\":\"batch\",\"models\":[\"n\"],"
                + "\"maxTokens\":9,"
                + MESSAGES
                + "}");

    assertThat(submission.header().mode()).isEqualTo("think");
    assertThat(submission.header().agent()).isEqualTo("a7");
    assertThat(submission.header().priority()).isEqualTo(Priority.BATCH);
    assertThat(RequestWriter.chat(submission).getExtra()).isNull();
    assertThat(RequestWriter.chat(submission).getSampling().getMaxOutputTokens()).isEqualTo(9);
    assertThat(RequestWriter.chat(submission).getSpelling()).containsExactly("max_tokens");
  }

  @ParameterizedTest
  @CsvSource({
    "agent_id, 128, agent_id",
    "agentId, 128, agentId",
    "reasoning_effort, 64, reasoning_effort",
    "models, 256, models[0]"
  })
  void boundsWhatTheRouterKeeps(String name, int most, String param) {
    String longest = "{`model`:`m`,MESSAGES,`%s`:%s}";
    String value = name.equals("models") ? "[`%s`]" : "`%s`";

    assertThat(
            OpenAiChatParser.parse(
                body(longest.formatted(name, value.formatted("x".repeat(most))))))
        .isNotNull();
    Problem problem = refusal(longest.formatted(name, value.formatted("x".repeat(most + 1))));

    assertThat(problem.param()).isEqualTo(param);
    assertThat(problem.detail()).isEqualTo("invalid_value");
    assertThat(problem.message()).contains("at most " + most + " characters");
  }

  @Test
  void takesSixteenFallbacksAndNoMore() {
    String models = "{`model`:`m`,MESSAGES,`models`:[`a`%s]}";

    assertThat(
            OpenAiChatParser.parse(body(models.formatted(",`a`".repeat(15))))
                .header()
                .preferences()
                .getModels())
        .hasSize(16);
    assertThat(refusal(models.formatted(",`a`".repeat(16))).message()).contains("at most 16");
  }

  @Test
  void passesALongDataUriUnchanged() {
    String uri = "data:image/png;base64," + "QUJDRA+/".repeat(100_000) + "==";

    ChatRequest request =
        parse(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\""
                + uri
                + "\"}}]}]}");

    ImagePart image = (ImagePart) request.getMessages().getFirst().getParts().getFirst();
    assertThat(image.getUrl()).isEqualTo(uri);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{`messages`:[{`role`:`user`,`content`:`x`}]} | model | missing_required_parameter",
        "{`model`:7,MESSAGES} | model | invalid_type",
        "{`model`:``,MESSAGES} | model | invalid_value",
        "{`model`:`m`} | messages | missing_required_parameter",
        "{`model`:`m`,`messages`:null} | messages | missing_required_parameter",
        "{`model`:`m`,`messages`:`Hi`} | messages | invalid_type",
        "{`model`:`m`,`messages`:[]} | messages | empty_array",
        "{`model`:`m`,`messages`:[7]} | messages[0] | invalid_type",
        "{`model`:`m`,`messages`:[{`content`:`x`}]} | messages[0].role | missing_required_parameter",
        "{`model`:`m`,`messages`:[{`role`:`robot`,`content`:`x`}]} | messages[0].role | invalid_value",
        "{`model`:`m`,`messages`:[{`role`:1,`content`:`x`}]} | messages[0].role | invalid_type",
        "{`model`:`m`,`messages`:[{`role`:`user`}]} | messages[0].content | missing_required_parameter",
        "{`model`:`m`,`messages`:[{`role`:`user`,`content`:null}]} | messages[0].content | invalid_type",
        "{`model`:`m`,`messages`:[{`role`:`user`,`content`:{}}]} | messages[0].content | invalid_type",
        "{`model`:`m`,`messages`:[{`role`:`user`,`content`:[{}]}]} | messages[0].content[0].type | missing_required_parameter",
        "{`model`:`m`,`messages`:[{`role`:`user`,`content`:[{`type`:`text`}]}]} | messages[0].content[0].text | missing_required_parameter",
        "{`model`:`m`,`messages`:[{`role`:`user`,`content`:[{`type`:`image_url`,`image_url`:`u`}]}]} | messages[0].content[0].image_url | invalid_type",
        "{`model`:`m`,`messages`:[{`role`:`user`,`content`:[{`type`:`image_url`,`image_url`:{}}]}]} | messages[0].content[0].image_url.url | missing_required_parameter",
        "{`model`:`m`,`messages`:[{`role`:`tool`,`content`:`x`}]} | messages[0].tool_call_id | missing_required_parameter",
        "{`model`:`m`,`messages`:[{`role`:`assistant`,`tool_calls`:[]}]} | messages[0].tool_calls | empty_array",
        "{`model`:`m`,`messages`:[{`role`:`assistant`,`tool_calls`:[{`type`:`function`,`id`:`c`,`function`:{`name`:`f`}}]}]} | messages[0].tool_calls[0].function.arguments | missing_required_parameter",
        "{`model`:`m`,MESSAGES,`temperature`:2.1} | temperature | decimal_above_max_value",
        "{`model`:`m`,MESSAGES,`temperature`:-1} | temperature | decimal_below_min_value",
        "{`model`:`m`,MESSAGES,`temperature`:1e999} | temperature | decimal_above_max_value",
        "{`model`:`m`,MESSAGES,`temperature`:`hot`} | temperature | invalid_type",
        "{`model`:`m`,MESSAGES,`top_p`:1.5} | top_p | decimal_above_max_value",
        "{`model`:`m`,MESSAGES,`presence_penalty`:-3} | presence_penalty | decimal_below_min_value",
        "{`model`:`m`,MESSAGES,`n`:0} | n | integer_below_min_value",
        "{`model`:`m`,MESSAGES,`n`:1.5} | n | invalid_type",
        "{`model`:`m`,MESSAGES,`max_tokens`:0} | max_tokens | integer_below_min_value",
        "{`model`:`m`,MESSAGES,`max_tokens`:99999999999999999999} | max_tokens | integer_above_max_value",
        "{`model`:`m`,MESSAGES,`max_tokens`:5,`max_completion_tokens`:6} | max_tokens | invalid_value",
        "{`model`:`m`,MESSAGES,`maxTokens`:5,`max_tokens`:6} | max_tokens | invalid_value",
        "{`model`:`m`,MESSAGES,`agentId`:`a`,`agent_id`:`b`} | agent_id | invalid_value",
        "{`model`:`m`,MESSAGES,`top_logprobs`:21} | top_logprobs | integer_above_max_value",
        "{`model`:`m`,MESSAGES,`stop`:7} | stop | invalid_type",
        "{`model`:`m`,MESSAGES,`stop`:[`a`,7]} | stop[1] | invalid_type",
        "{`model`:`m`,MESSAGES,`stream`:`yes`} | stream | invalid_type",
        "{`model`:`m`,MESSAGES,`stream_options`:{`include_usage`:true}} | stream_options | invalid_value",
        "{`model`:`m`,MESSAGES,`stream`:true,`stream_options`:{`include_usage`:1}} | stream_options.include_usage | invalid_type",
        "{`model`:`m`,MESSAGES,`mode`:`slow`} | mode | invalid_value",
        "{`model`:`m`,MESSAGES,`tools`:{}} | tools | invalid_type",
        "{`model`:`m`,MESSAGES,`tools`:[{`type`:`function`}]} | tools[0].function | missing_required_parameter",
        "{`model`:`m`,MESSAGES,`tools`:[{`type`:`function`,`function`:{}}]} | tools[0].function.name | missing_required_parameter",
        "{`model`:`m`,MESSAGES,`tools`:[{`type`:`function`,`function`:{`name`:`f`,`parameters`:7}}]} | tools[0].function.parameters | invalid_type",
        "{`model`:`m`,MESSAGES,`tool_choice`:7} | tool_choice | invalid_type",
        "{`model`:`m`,MESSAGES,`response_format`:`json`} | response_format | invalid_type",
        "{`model`:`m`,MESSAGES,`response_format`:{`type`:`json_schema`}} | response_format.json_schema | missing_required_parameter",
        "{`model`:`m`,MESSAGES,`user`:7} | user | invalid_type",
      })
  void namesTheParameterAtFault(String body, String param, String detail) {
    Problem problem = refusal(body);

    assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(problem.param()).isEqualTo(param);
    assertThat(problem.detail()).isEqualTo(detail);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[]",
        "7",
        "null",
        "\"text\"",
        "{`model`:`m`,MESSAGES",
        "{`model`:`m`,MESSAGES}}",
        "{`model`:`m`,MESSAGES} {}",
        "{`model`:`m`,MESSAGES,}",
        "{model:`m`,MESSAGES}",
        "{'model':'m'}",
        "{`model`:`m`,`model`:`n`,MESSAGES}",
        "{`model`:`m`,MESSAGES,`x`:{`a`:1,`a`:2}}",
        "{`model`:`m`,MESSAGES,`temperature`:NaN}",
        "{`model`:`m`,MESSAGES,`x`:Infinity}",
        "{`model`:`m`,MESSAGES,`x`:01}",
        "{`model`:`m`,MESSAGES,`x`:`\\ud800`}",
        "{`model`:`m`,MESSAGES,`x`:`\\udc00\\ud800`}",
        "{`model`:`m`,MESSAGES,`x`:`\\q`}",
        "{`model`:`m`,MESSAGES,`x`:`a\nb`}",
      })
  void refusesWhatIsNotJson(String body) {
    Problem problem = refusal(body);

    assertThat(problem.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(problem.param()).isNull();
    assertThat(problem.message()).startsWith("We could not parse the JSON body");
  }

  @Test
  void refusesWhatIsNotUtf8() {
    byte[] body = body("{`model`:`m`,MESSAGES,`x`:`?`}");
    for (byte[] malformed :
        new byte[][] {
          {(byte) 0xFF},
          {(byte) 0xC0, (byte) 0x80},
          {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
          {(byte) 0xE9},
          {(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80}
        }) {
      byte[] bytes = replaced(body, malformed);

      assertThat(refusal(bytes).message()).contains("UTF-8");
    }
  }

  @Test
  void refusesAByteOrderMarkAndOtherEncodings() {
    assertThat(refusal("\uFEFF{`model`:`m`,MESSAGES}").message()).contains("parse");
    assertThat(
            refusal("{\"model\":\"m\"}".getBytes(java.nio.charset.StandardCharsets.UTF_16))
                .message())
        .contains("parse");
  }

  @Test
  void refusesNestingWithoutEndAndLivesOn() {
    for (String nesting : new String[] {"[", "{\"a\":"}) {
      String body = "{`model`:`m`,MESSAGES,`x`:" + nesting.repeat(200_000);

      assertThat(refusal(body).message()).contains("nest");
    }
  }

  @Test
  void refusesANumberOfAMillionDigits() {
    assertThat(refusal("{`model`:`m`,MESSAGES,`seed`:" + "9".repeat(1_000_000) + "}").code())
        .isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void keepsSurrogatePairsAndLineSeparators() {
    ChatRequest request =
        parse(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud83d\\ude00 😀 \u2028 \\\\ud800\"}]}");

    assertThat(((TextPart) request.getMessages().getFirst().getParts().getFirst()).getText())
        .isEqualTo("😀 😀 \u2028 \\ud800");
  }

  @Test
  void isNotSlowedDownByNamesMadeToCollide() {
    StringBuilder body = new StringBuilder("{`model`:`m`,MESSAGES");
    for (int i = 0; i < 200_000; i++) {
      body.append(",`k").append(Integer.toString(i, 36)).append("`:0");
    }

    ChatRequest request =
        RequestWriter.chat(OpenAiChatParser.parse(body(body.append('}').toString())));

    assertThat(Objects.requireNonNull(request.getExtra())).hasSizeGreaterThan(1_000_000);
  }

  private static ChatRequest parse(String body) {
    return RequestWriter.chat(submission(body));
  }

  private static Submission submission(String body) {
    return OpenAiChatParser.parse(body.getBytes(UTF_8));
  }

  private static Problem refusal(String body) {
    return refusal(body(body));
  }

  private static Problem refusal(byte[] body) {
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> OpenAiChatParser.parse(body));
    assertThat(refused).as(new String(body, 0, Math.min(body.length, 200), UTF_8)).isNotNull();
    return refused.problem();
  }

  private static byte[] body(String body) {
    return body.replace("MESSAGES", MESSAGES).replace('`', '"').getBytes(UTF_8);
  }

  private static byte[] replaced(byte[] body, byte[] by) {
    int at = new String(body, UTF_8).indexOf('?');
    byte[] bytes = new byte[body.length - 1 + by.length];
    System.arraycopy(body, 0, bytes, 0, at);
    System.arraycopy(by, 0, bytes, at, by.length);
    System.arraycopy(body, at + 1, bytes, at + by.length, body.length - at - 1);
    return bytes;
  }
}
