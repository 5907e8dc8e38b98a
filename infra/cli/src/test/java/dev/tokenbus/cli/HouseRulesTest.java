package dev.tokenbus.cli;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of DESIGN and STYLE that a build can check, over the main classes of every module. */
class HouseRulesTest {
  /** Modules, by their root package, that are still being moved. Remove a name to enforce it. */
  private static final Set<String> NOT_YET_CONFORMING = Set.of();

  private static final String ROOT = "dev.tokenbus.";
  private static final List<String> APPS = List.of("ingress", "router", "workers", "projections");
  private static final List<String> MODULE_DIRECTORIES =
      List.of(
          "schemas",
          "ingress",
          "router-stream",
          "workers",
          "projections",
          "infra/runtime",
          "infra/embedded",
          "infra/bench",
          "infra/verify",
          "infra/chaos",
          "infra/local",
          "infra/cli");
  private static final int MOST_TYPES = 20;
  private static final int MOST_LINES = 300;
  private static final int MEDIAN_LINES = 75;

  /** The pure life cycle stays whole. */
  private static final Set<String> LARGE_PACKAGES = Set.of("dev.tokenbus.router.lifecycle");

  /** Written by the Avro compiler. */
  private static final Set<String> GENERATED_PACKAGES =
      Set.of("dev.tokenbus.schemas.avro", "dev.tokenbus.router.state");

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.tokenbus");
  }

  @Test
  void seesEveryModule() {
    assertThat(classes.stream().map(HouseRulesTest::module).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(
            "schemas",
            "runtime",
            "ingress",
            "router",
            "workers",
            "projections",
            "embedded",
            "bench",
            "verify",
            "chaos",
            "local",
            "cli");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingress", "router", "workers", "projections"})
  void appsNeverDependOnOneAnotherNorOnTheServersAroundThem(String app) {
    String[] others =
        Stream.concat(
                APPS.stream().filter(other -> !other.equals(app)),
                Stream.of("embedded", "bench", "verify", "chaos", "local", "cli"))
            .map(other -> ROOT + other + "..")
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage(ROOT + app + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(classes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"schemas", "runtime", "embedded", "bench", "verify", "chaos"})
  void onlyTheLocalStackAndTheCommandLineSeeApps(String module) {
    noClasses()
        .that()
        .resideInAPackage(ROOT + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(APPS.stream().map(app -> ROOT + app + "..").toArray(String[]::new))
        .check(classes);
  }

  @Test
  void theContractDependsOnNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbus.schemas..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.tokenbus..")
                .and(resideInAPackage("dev.tokenbus.schemas..").negate()))
        .check(classes);
  }

  @Test
  void purePackagesKnowNoKafka() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.tokenbus.router.lifecycle..",
            "dev.tokenbus.router.routing..",
            "dev.tokenbus.router.limits..",
            "dev.tokenbus.verify.ledger..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "org.springframework.kafka..")
        .check(classes);
  }

  @Test
  void clientDialectsNeverImportEachOther() {
    slices()
        .matching("dev.tokenbus.ingress.protocol.(*)..")
        .should()
        .notDependOnEachOther()
        .check(classes);
  }

  @Test
  void providerDialectsNeverImportEachOtherButMayUseTheNeutralCall() {
    slices()
        .matching("dev.tokenbus.workers.provider.(*)..")
        .should()
        .notDependOnEachOther()
        .ignoreDependency(alwaysTrue(), resideInAPackage("dev.tokenbus.workers.provider.http.."))
        .check(classes);
  }

  @Test
  void noPackagesOfAModuleDependOnEachOtherInACycle() {
    slices()
        .assignedFrom(new PackagesOfConformingModules())
        .should()
        .beFreeOfCycles()
        .check(classes);
  }

  @Test
  void noPackageHasMoreThanTwentyTopLevelTypes() {
    Map<String, Long> types =
        classes.stream()
            .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
            .filter(type -> isChecked(type) && !LARGE_PACKAGES.contains(type.getPackageName()))
            .collect(
                Collectors.groupingBy(
                    JavaClass::getPackageName, TreeMap::new, Collectors.counting()));

    assertThat(types).isNotEmpty();
    assertThat(types)
        .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(MOST_TYPES));
  }

  @Test
  void noSourceIsLongerThanThreeHundredLines() throws IOException {
    List<String> tooLong = new ArrayList<>();
    int seen = 0;
    for (String directory : MODULE_DIRECTORIES) {
      for (Path source : sources(Path.of("../..", directory, "src/main/java/dev/tokenbus"))) {
        seen++;
        long lines = Files.readAllLines(source).size();
        if (lines > MOST_LINES && !NOT_YET_CONFORMING.contains(module(directory))) {
          tooLong.add(source + " has " + lines);
        }
      }
    }

    assertThat(seen).isGreaterThan(400);
    assertThat(tooLong).isEmpty();
  }

  @Test
  void halfOfAllSourcesHaveSeventyFiveLinesAtMost() throws IOException {
    List<Integer> lines = new ArrayList<>();
    for (String directory : MODULE_DIRECTORIES) {
      for (Path source : sources(Path.of("../..", directory, "src/main/java/dev/tokenbus"))) {
        if (!source.endsWith("package-info.java")) {
          lines.add(Files.readAllLines(source).size());
        }
      }
    }
    Collections.sort(lines);

    assertThat(lines.get(lines.size() / 2)).isLessThanOrEqualTo(MEDIAN_LINES);
  }

  private static List<Path> sources(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static String module(String directory) {
    return directory.equals("router-stream")
        ? "router"
        : directory.substring(directory.indexOf('/') + 1);
  }

  private static String module(JavaClass type) {
    return Arrays.asList(type.getPackageName().substring(ROOT.length()).split("\\.", -1))
        .getFirst();
  }

  private static boolean isChecked(JavaClass type) {
    return !GENERATED_PACKAGES.contains(type.getPackageName())
        && !NOT_YET_CONFORMING.contains(module(type));
  }

  /** Every package is a slice, the root package of a module too. */
  private static final class PackagesOfConformingModules implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return type.getPackageName().startsWith(ROOT) && isChecked(type)
          ? SliceIdentifier.of(type.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of conforming modules";
    }
  }
}
