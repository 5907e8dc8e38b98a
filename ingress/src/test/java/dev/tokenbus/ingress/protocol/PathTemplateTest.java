package dev.tokenbus.ingress.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathTemplateTest {
  @ParameterizedTest
  @CsvSource({
    "/v1/models/{model_id}, /v1/models/gpt-5, model_id, gpt-5",
    "/v1/models/{model_id}, /v1/models/org%2Fgpt-5, model_id, org/gpt-5",
    "/v1/models/<name>, /v1/models/org/gpt+5, name, org/gpt+5",
    "/v1beta/models/{model}:{call}, /v1beta/models/a%3Ab:say, call, say",
    "/v1beta/models/{model}:{call}, /v1beta/models/a%3Ab:say, model, a:b",
    "/v1/models/<name>, /v1/models/50%25, name, 50%",
  })
  void readsParametersAndDecodesThem(String template, String path, String name, String value) {
    assertThat(new PathTemplate(template).parameter(path, name)).isEqualTo(value);
  }

  @Test
  void refusesAParameterOfAnotherTemplate() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PathTemplate("/v1/models/{id}").parameter("/v1/models/a", "name"))
        .withMessageContaining("name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PathTemplate("/v1/models/{id}").parameter("/v1/files/a", "id"));
  }
}
