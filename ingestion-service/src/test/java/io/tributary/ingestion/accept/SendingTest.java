package io.tributary.ingestion.accept;

import static io.tributary.ingestion.accept.AcceptCases.NOW;
import static io.tributary.ingestion.accept.AcceptCases.batch;
import static io.tributary.ingestion.accept.AcceptCases.draft;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event says about how it was sent. */
class SendingTest {
  private static Sending sending(Verdict verdict) {
    draft(verdict);
    return ((Verdict.Accepted) verdict).sending();
  }

  private static Sending of(String more) {
    return sending(batch("{'batch':[{'type':'page','userId':'u'" + more + "}]}").getFirst());
  }

  private static String library(String value) {
    return ",'context':{'locale':'en','library':" + value + ",'app':{'name':'x'}}";
  }

  @Test
  void theLibraryOfTheEventCountsElseThatOfTheBatch() {
    List<Verdict> verdicts =
        batch(
            "{'context':{'library':{'name':'java','version':'3'}},'batch':["
                + "{'type':'page','userId':'u'},"
                + "{'type':'page','userId':'u'"
                + library("{'name':'own','version':'1'}")
                + "},"
                + "{'type':'page','userId':'u','context':{'locale':'de'}}]}");
    assertThat(verdicts)
        .extracting(verdict -> sending(verdict).library())
        .containsExactly(
            new Library("java", "3"), new Library("own", "1"), new Library("java", "3"));
    assertThat(String.valueOf(draft(verdicts.get(1)).context()))
        .isEqualTo(
            "{'library':{'name':'own','version':'1'},'locale':'en','app':{'name':'x'}}"
                .replace('\'', '"'));
  }

  @Test
  void namesAndVersionsAreReadAsTheyAreMeantAndCut() {
    assertThat(of(library("{'name':' a\\u0062 ','version':7}")).library())
        .isEqualTo(new Library("ab", "7"));
    assertThat(of(library("{'name':'a','version':{'major':1}}")).library())
        .isEqualTo(new Library("a", ""));
    assertThat(
            of(library("{'name':'" + "n".repeat(65) + "','version':'" + "1".repeat(33) + "'}"))
                .library())
        .isEqualTo(new Library("n".repeat(64), "1".repeat(32)));
    assertThat(of(library("{'version':'1','name':'a','name':'b'}")).library())
        .isEqualTo(new Library("b", "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "'analytics'",
        "7",
        "[]",
        "{}",
        "{'name':''}",
        "{'name':['a']}",
        "{'version':'1'}"
      })
  void whatNamesNoLibraryIsNone(String value) {
    assertThat(of(library(value)).library()).isNull();
  }

  @Test
  void aNameThatIsFarTooLongIsNotEvenRead() {
    assertThat(of(library("{'name':'" + "n".repeat(10_000) + "'}")).library()).isNull();
  }

  @Test
  void anEventIsInTheFutureWhenItHappensAfterItWasSentElseAfterItCame() {
    assertThat(of(",'timestamp':'" + NOW.plusMillis(1001) + "'").inFuture()).isTrue();
    assertThat(of(",'timestamp':'" + NOW.plusMillis(1000) + "'").inFuture()).isFalse();
    String ahead = ",'sentAt':'" + NOW.plusSeconds(3600) + "','timestamp':'";
    assertThat(of(ahead + NOW.plusSeconds(3600) + "'").inFuture()).isFalse();
    assertThat(of(ahead + NOW.plusSeconds(3602) + "'").inFuture()).isTrue();
    assertThat(of(ahead + NOW + "'").sentAt()).isEqualTo(NOW.plusSeconds(3600));
    assertThat(of("").sentAt()).isNull();
  }
}
