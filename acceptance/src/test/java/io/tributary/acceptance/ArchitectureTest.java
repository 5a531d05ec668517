package io.tributary.acceptance;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tributary.acceptance.processes.ProcessesSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The house's walls. A rule that matches nothing fails (archunit.properties). */
class ArchitectureTest {
  private static final List<String> SERVICES =
      List.of("ingestion", "identity", "profile", "segment", "campaign", "gateway");
  private static final Pattern TEST_LIBRARY =
      Pattern.compile("^(junit|assertj|mockito|hamcrest|opentest4j|awaitility|archunit|testing-)");
  private static JavaClasses product;

  @BeforeAll
  static void read() {
    product =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tributary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingestion", "identity", "profile", "segment", "campaign", "gateway"})
  void aServiceNeverUsesAnother(String service) {
    String[] others =
        SERVICES.stream()
            .filter(other -> !other.equals(service))
            .map(other -> "io.tributary." + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("io.tributary." + service + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(product);
  }

  @Test
  void whatAllShareKnowsNoService() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.tributary.event..",
            "io.tributary.stream..",
            "io.tributary.web..",
            "io.tributary.access..",
            "io.tributary.conditions..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            SERVICES.stream().map(s -> "io.tributary." + s + "..").toArray(String[]::new))
        .check(product);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.tributary.ingestion.accept",
        "io.tributary.ingestion.plan",
        "io.tributary.identity.resolve",
        "io.tributary.profile.merge",
        "io.tributary.segment.membership",
        "io.tributary.campaign.journey",
        "io.tributary.conditions"
      })
  void aCoreDecidesWithoutFrameworksInputOutputOrLogging(String core) {
    noClasses()
        .that()
        .resideInAPackage(core + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "java.sql..",
            "javax.sql..",
            "java.net..",
            "java.nio.file..",
            "org.apache.kafka..",
            "org.slf4j..",
            "io.micrometer..",
            "jakarta..",
            "io.tributary.stream..",
            "io.tributary.web..")
        .check(product);
    noClasses()
        .that()
        .resideInAPackage(core + "..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(java.time.Clock.class)
        .check(product);
  }

  @Test
  void kafkaClientsAreMadeInOnePlaceOnly() {
    noClasses()
        .that(not(resideInAPackage("io.tributary.stream..")))
        .and()
        .resideOutsideOfPackage("io.tributary.embedded..")
        .and()
        .resideOutsideOfPackage("io.tributary.testing..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "org\\.apache\\.kafka\\.clients\\.(consumer\\.KafkaConsumer|producer\\.KafkaProducer)")
        .check(product);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Dto")
        .orShould()
        .haveSimpleNameEndingWith("DTO")
        .check(product);
  }

  @Test
  void timeIsAnInstantFromAClockThatIsHandedIn() {
    // Times reads what senders write, with and without an offset.
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.tributary.ingestion.accept.Times")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.time.LocalDateTime")
        .check(product);
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.tributary.demo..",
            "io.tributary.testing..",
            "io.tributary.standalone..",
            "io.tributary.embedded..")
        .should()
        .callMethod(java.time.Instant.class, "now")
        .check(product);
  }

  @Test
  void noFieldIsInjected() {
    noMethods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage("io.tributary..")
        .should()
        .beAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
        .check(product);
  }

  @ParameterizedTest
  @ValueSource(strings = {"standalone/target/lib", "deploy/target/image/libraries"})
  void noLibraryForTestsIsShipped(String folder) throws IOException {
    try (Stream<Path> jars = Files.list(ProcessesSettings.project().resolve(folder))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .hasSizeGreaterThan(50)
          .noneMatch(jar -> TEST_LIBRARY.matcher(jar).find());
    }
  }

  @Test
  void entitiesStayInTheirPackage() {
    classes()
        .that()
        .areAnnotatedWith("jakarta.persistence.Entity")
        .should()
        .bePackagePrivate()
        .check(product);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingestion", "identity", "profile", "segment", "campaign"})
  void packagesOfAServiceFormNoCycle(String service) {
    slices()
        .matching("io.tributary." + service + ".(*)..")
        .should()
        .beFreeOfCycles()
        .check(product);
  }
}
