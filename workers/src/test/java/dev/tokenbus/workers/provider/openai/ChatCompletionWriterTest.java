package dev.tokenbus.workers.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.schemas.avro.AudioPart;
import dev.tokenbus.schemas.avro.ChatRequest;
import dev.tokenbus.schemas.avro.ContentForm;
import dev.tokenbus.schemas.avro.FilePart;
import dev.tokenbus.schemas.avro.FunctionTool;
import dev.tokenbus.schemas.avro.ImagePart;
import dev.tokenbus.schemas.avro.Message;
import dev.tokenbus.schemas.avro.RawPart;
import dev.tokenbus.schemas.avro.RawTool;
import dev.tokenbus.schemas.avro.Reasoning;
import dev.tokenbus.schemas.avro.ReasoningPart;
import dev.tokenbus.schemas.avro.RefusalPart;
import dev.tokenbus.schemas.avro.ResponseFormat;
import dev.tokenbus.schemas.avro.ResponseFormatKind;
import dev.tokenbus.schemas.avro.Role;
import dev.tokenbus.schemas.avro.Sampling;
import dev.tokenbus.schemas.avro.TextPart;
import dev.tokenbus.schemas.avro.ToolCallPart;
import dev.tokenbus.schemas.avro.ToolChoice;
import dev.tokenbus.schemas.avro.ToolChoiceMode;
import dev.tokenbus.schemas.avro.ToolKind;
import dev.tokenbus.schemas.avro.ToolResultPart;
import dev.tokenbus.workers.Samples;
import dev.tokenbus.workers.provider.ProviderRequest;
import dev.tokenbus.workers.provider.http.BodyChunks;
import dev.tokenbus.workers.provider.http.InexpressibleException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChatCompletionWriterTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void writesAPlainRequest() {
    assertThat(written(Samples.ask("Hi \"you\"\u2028", false)))
        .isEqualTo(
            json("{'model':'up','messages':[{'role':'user','content':'Hi \\\"you\\\"\u2028'}]}"));
  }

  @Test
  void alwaysAsksForUsageOfAStream() {
    assertThat(written(Samples.ask("Hi", true)))
        .isEqualTo(
            json(
                "{'model':'up','messages':[{'role':'user','content':'Hi'}],'stream':true,'stream_options':{'include_usage':true}}"));
    ChatRequest withOptions =
        ChatRequest.newBuilder(Samples.ask("Hi", true))
            .setExtra(
                "{\"stream_options\":{\"include_obfuscation\":false,\"include_usage\":false}}")
            .build();
    assertThat(written(withOptions).get("stream_options"))
        .isEqualTo(json("{'include_usage':true,'include_obfuscation':false}"));
  }

  @Test
  void writesEverySamplingParameterInTheClientsSpelling() {
    ChatRequest.Builder request =
        ChatRequest.newBuilder(Samples.ask("Hi", false))
            .setSampling(
                Sampling.newBuilder()
                    .setTemperature(0.7)
                    .setTopP(1.0)
                    .setTopK(40)
                    .setFrequencyPenalty(-0.5)
                    .setPresencePenalty(0.25)
                    .setSeed(9_007_199_254_740_993L)
                    .setMaxOutputTokens(100L)
                    .setCandidates(2)
                    .setStop(List.of("a"))
                    .setLogprobs(true)
                    .setTopLogprobs(3)
                    .build())
            .setReasoning(new Reasoning("low", null, null, null, null))
            .setParallelToolCalls(false)
            .setUser("u")
            .setMetadata(Map.of("k", "v"));

    JsonNode usual = written(request.build());
    assertThat(usual)
        .isEqualTo(
            json(
                "{'model':'up','messages':[{'role':'user','content':'Hi'}],'temperature':0.7,'top_p':1,'top_k':40,"
                    + "'frequency_penalty':-0.5,'presence_penalty':0.25,'seed':9007199254740993,'max_completion_tokens':100,"
                    + "'n':2,'stop':['a'],'logprobs':true,'top_logprobs':3,'reasoning_effort':'low',"
                    + "'parallel_tool_calls':false,'user':'u','metadata':{'k':'v'}}"));

    JsonNode spelled = written(request.setSpelling(List.of("max_tokens", "stop:string")).build());
    assertThat(spelled.get("max_tokens").asInt()).isEqualTo(100);
    assertThat(spelled.has("max_completion_tokens")).isFalse();
    assertThat(spelled.get("stop").asText()).isEqualTo("a");
  }

  @Test
  void keepsUnmodelledMembersWithExactNumbers() {
    ChatRequest request =
        ChatRequest.newBuilder(Samples.ask("Hi", false))
            .setExtra(
                "{\"temperature\":null,\"min_p\":0.1000000000000000055511151231257827,\"model\":\"other\",\"logit_bias\":{\"50256\":-100}}")
            .build();

    String text = text(request);

    assertThat(text)
        .contains(
            "\"min_p\":0.1000000000000000055511151231257827",
            "\"temperature\":null",
            "\"logit_bias\":{\"50256\":-100}")
        .contains("\"model\":\"up\"")
        .doesNotContain("other");
  }

  @Test
  void writesEveryFormOfContent() {
    assertThat(message(Role.ASSISTANT, ContentForm.NULL, List.of(), null))
        .isEqualTo(json("{'role':'assistant','content':null}"));
    assertThat(message(Role.ASSISTANT, ContentForm.ABSENT, List.of(), null))
        .isEqualTo(json("{'role':'assistant'}"));
    assertThat(message(Role.USER, ContentForm.PARTS, List.of(), null))
        .isEqualTo(json("{'role':'user','content':[]}"));
    assertThat(
            message(
                Role.DEVELOPER,
                ContentForm.STRING,
                List.of(new TextPart("", null, null, List.of(), null)),
                null))
        .isEqualTo(json("{'role':'developer','content':''}"));
    assertThat(
            message(
                Role.FUNCTION,
                ContentForm.STRING,
                List.of(new TextPart("7", null, null, List.of(), null)),
                null))
        .isEqualTo(json("{'role':'function','content':'7'}"));
  }

  @Test
  void writesEveryKindOfPart() {
    JsonNode message =
        message(
            Role.USER,
            ContentForm.PARTS,
            List.of(
                new TextPart(
                    "t", "{\"cache_control\":{\"type\":\"ephemeral\"}}", null, List.of(), null),
                new ImagePart("data:image/png;base64,AAA=", "high", null, null, null, null),
                new AudioPart("QUJD", "wav", null, null, null),
                new FilePart("file-1", null, null, null, null, null, null, null, null, null, null),
                new FilePart(
                    null,
                    null,
                    "data:application/pdf;base64,AA",
                    "a.pdf",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null),
                new RefusalPart("no"),
                new RawPart("openai", "{\"type\":\"video_url\",\"video_url\":{\"url\":\"v\"}}")),
            "{\"reasoning_content\":\"kept\"}");

    assertThat(message)
        .isEqualTo(
            json(
                "{'role':'user','reasoning_content':'kept','content':["
                    + "{'type':'text','text':'t','cache_control':{'type':'ephemeral'}},"
                    + "{'type':'image_url','image_url':{'url':'data:image/png;base64,AAA=','detail':'high'}},"
                    + "{'type':'input_audio','input_audio':{'data':'QUJD','format':'wav'}},"
                    + "{'type':'file','file':{'file_id':'file-1'}},"
                    + "{'type':'file','file':{'file_data':'data:application/pdf;base64,AA','filename':'a.pdf'}},"
                    + "{'type':'refusal','refusal':'no'},"
                    + "{'type':'video_url','video_url':{'url':'v'}}]}"));
  }

  @Test
  void writesToolCallsBesideTheContentAndLeavesOutWhatOtherModelsThought() {
    JsonNode message =
        message(
            Role.ASSISTANT,
            ContentForm.NULL,
            List.of(
                new ReasoningPart("hm", "signature", null, null, null, null, false),
                new ToolCallPart(
                    "call_1", "f", "{\"a\":1", null, ToolKind.FUNCTION, null, null, null),
                new RawPart(
                    "openai.tool_call", "{\"id\":\"c\",\"type\":\"custom\",\"custom\":{}}")),
            null);

    assertThat(message)
        .isEqualTo(
            json(
                "{'role':'assistant','content':null,'tool_calls':["
                    + "{'id':'call_1','type':'function','function':{'name':'f','arguments':'{\\\"a\\\":1'}},"
                    + "{'id':'c','type':'custom','custom':{}}]}"));
  }

  @Test
  void writesEachToolResultAsAMessageOfItsOwn() {
    ChatRequest request =
        withMessages(
            Message.newBuilder()
                .setRole(Role.USER)
                .setParts(
                    List.of(
                        new ToolResultPart(
                            "a",
                            List.of(new TextPart("1", null, null, List.of(), null)),
                            ContentForm.STRING,
                            false,
                            null,
                            ToolKind.FUNCTION,
                            null,
                            null),
                        new ToolResultPart(
                            "b",
                            List.of(new TextPart("2", null, null, List.of(), null)),
                            ContentForm.PARTS,
                            false,
                            null,
                            ToolKind.FUNCTION,
                            null,
                            null),
                        new TextPart("and now?", null, null, List.of(), null)))
                .build());

    assertThat(written(request).get("messages"))
        .isEqualTo(
            json(
                "[{'role':'tool','tool_call_id':'a','content':'1'},"
                    + "{'role':'tool','tool_call_id':'b','content':[{'type':'text','text':'2'}]},"
                    + "{'role':'user','content':[{'type':'text','text':'and now?'}]}]"));
  }

  @Test
  void writesToolsAndTheirChoice() {
    ChatRequest.Builder request =
        ChatRequest.newBuilder(Samples.ask("Hi", false))
            .setTools(
                List.of(
                    new FunctionTool(
                        "f", "does f", "{\"type\":\"object\"}", true, null, null, null),
                    new FunctionTool("g", null, null, null, "{\"x\":1}", null, null),
                    new RawTool("openai", "{\"type\":\"web_search\"}")))
            .setToolChoice(new ToolChoice(ToolChoiceMode.FUNCTION, "f", null, List.of()));

    JsonNode written = written(request.build());

    assertThat(written.get("tools"))
        .isEqualTo(
            json(
                "[{'type':'function','function':{'name':'f','description':'does f','parameters':{'type':'object'},'strict':true}},"
                    + "{'type':'function','function':{'name':'g'},'x':1},{'type':'web_search'}]"));
    assertThat(written.get("tool_choice"))
        .isEqualTo(json("{'type':'function','function':{'name':'f'}}"));
    assertThat(choice(request, ToolChoiceMode.AUTO, null)).isEqualTo(json("'auto'"));
    assertThat(choice(request, ToolChoiceMode.NONE, null)).isEqualTo(json("'none'"));
    assertThat(choice(request, ToolChoiceMode.REQUIRED, null)).isEqualTo(json("'required'"));
    assertThat(choice(request, ToolChoiceMode.RAW, "{\"type\":\"allowed_tools\"}"))
        .isEqualTo(json("{'type':'allowed_tools'}"));
  }

  @Test
  void writesEveryResponseFormat() {
    assertThat(format(new ResponseFormat(ResponseFormatKind.TEXT, null, null, null, null, null)))
        .isEqualTo(json("{'type':'text'}"));
    assertThat(
            format(
                new ResponseFormat(ResponseFormatKind.JSON_OBJECT, null, null, null, null, null)))
        .isEqualTo(json("{'type':'json_object'}"));
    assertThat(
            format(
                new ResponseFormat(
                    ResponseFormatKind.JSON_SCHEMA,
                    "n",
                    "d",
                    "{\"type\":\"object\"}",
                    true,
                    "{\"y\":2}")))
        .isEqualTo(
            json(
                "{'type':'json_schema','json_schema':{'name':'n','description':'d','schema':{'type':'object'},'strict':true},'y':2}"));
    assertThat(
            format(
                new ResponseFormat(
                    ResponseFormatKind.RAW,
                    null,
                    null,
                    null,
                    null,
                    "{\"type\":\"grammar\",\"grammar\":\"g\"}")))
        .isEqualTo(json("{'type':'grammar','grammar':'g'}"));
  }

  @Test
  void refusesWhatTheDialectHasNoWordsFor() {
    ChatRequest foreign =
        withMessages(
            Message.newBuilder()
                .setRole(Role.USER)
                .setParts(List.of(new RawPart("gemini", "{}")))
                .build());

    assertThatThrownBy(() -> text(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gemini");
  }

  @Test
  void sendsNothingThatIsInAnotherDialectsWords() {
    ChatRequest foreign =
        ChatRequest.newBuilder(
                withMessages(
                    Message.newBuilder()
                        .setRole(Role.USER)
                        .setParts(
                            List.of(
                                new TextPart(
                                    "Hi", "{\"cache_control\":{}}", null, List.of(), null)))
                        .setExtra("{\"x\":1}")
                        .build()))
            .setDialect("anthropic")
            .setExtra("{\"thinking\":{}}")
            .setSpelling(List.of("max_tokens"))
            .setSampling(Sampling.newBuilder().setMaxOutputTokens(5L).build())
            .build();

    JsonNode written = written(foreign);

    assertThat(written.has("thinking")).isFalse();
    assertThat(written.at("/messages/0").has("x")).isFalse();
    assertThat(written.at("/messages/0/content/0").has("cache_control")).isFalse();
    assertThat(written.get("max_completion_tokens").asInt()).isEqualTo(5);
    assertThat(
            written(ChatRequest.newBuilder(foreign).setDialect("openai").build()).has("thinking"))
        .isTrue();
  }

  @Test
  void namesTheMemberThatItHasNoWordsFor() {
    ChatRequest request =
        ChatRequest.newBuilder(Samples.ask("Hi", false))
            .setTools(List.of(new RawTool("anthropic", "{}")))
            .build();

    assertThatThrownBy(() -> text(request))
        .isInstanceOfSatisfying(
            InexpressibleException.class,
            problem -> assertThat(problem.param()).isEqualTo("tools"));
  }

  @Test
  void passesALargeImageUnchangedAndKnowsTheLength() {
    String image = "data:image/png;base64," + "iVBORw0KGgo".repeat(900_000);
    ChatRequest request =
        withMessages(
            Message.newBuilder()
                .setRole(Role.USER)
                .setParts(List.of(new ImagePart(image, null, null, null, null, null)))
                .build());

    BodyChunks body = ChatCompletionWriter.write(new ProviderRequest("r", "up", request, 2));

    int length = body.toByteArray().length;
    assertThat(body.publisher().contentLength()).isEqualTo(length);
    assertThat(written(request).at("/messages/0/content/0/image_url/url").asText())
        .isEqualTo(image);
  }

  private static JsonNode choice(
      ChatRequest.Builder request, ToolChoiceMode mode, @Nullable String json) {
    return written(request.setToolChoice(new ToolChoice(mode, null, json, List.of())).build())
        .get("tool_choice");
  }

  private static JsonNode format(ResponseFormat format) {
    return written(
            ChatRequest.newBuilder(Samples.ask("Hi", false)).setResponseFormat(format).build())
        .get("response_format");
  }

  private static JsonNode message(
      Role role, ContentForm form, List<Object> parts, @Nullable String extra) {
    return written(
            withMessages(
                Message.newBuilder()
                    .setRole(role)
                    .setForm(form)
                    .setParts(parts)
                    .setExtra(extra)
                    .build()))
        .at("/messages/0");
  }

  private static ChatRequest withMessages(Message... messages) {
    return ChatRequest.newBuilder(Samples.ask("", false)).setMessages(List.of(messages)).build();
  }

  private static JsonNode written(ChatRequest request) {
    try {
      return JSON.readTree(text(request));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(ChatRequest request) {
    return new String(
        ChatCompletionWriter.write(new ProviderRequest("r", "up", request, 2)).toByteArray(),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
