package io.tributary.identity;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom in this service. */
@AnalyzeClasses(packages = "io.tributary.identity", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule THE_CORE_KNOWS_EVENTS_AND_NOTHING_THAT_READS_OR_WRITES =
      classes()
          .that()
          .resideInAPackage("..identity.resolve..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.tributary.identity.resolve..",
              "io.tributary.event..",
              "java.lang..",
              "java.util..",
              "java.time..",
              "java.text..",
              "tools.jackson.core..",
              "com.google.i18n.phonenumbers..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule THE_CORE_READS_NO_CLOCK =
      noClasses()
          .that()
          .resideInAPackage("..identity.resolve..")
          .should()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(java.time.Clock.class);

  @ArchTest
  static final ArchRule NOBODY_KNOWS_FEED_AND_WEB_BUT_THE_WIRING =
      noClasses()
          .that()
          .resideInAnyPackage("..identity.resolve..", "..identity.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..identity.feed..", "..identity.web..");

  @ArchTest
  static final ArchRule FEED_AND_WEB_DO_NOT_KNOW_EACH_OTHER =
      noClasses()
          .that()
          .resideInAPackage("..identity.feed..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..identity.web..");
}
