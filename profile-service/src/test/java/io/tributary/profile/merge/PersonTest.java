package io.tributary.profile.merge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tributary.event.ProfileId;
import io.tributary.event.RawJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PersonTest {
  private static final Home ROOT = home(1);
  private static final Home LINKED =
      home(2).linked(ROOT.key().id(), 1, 100).rooted(ROOT.key().id());

  @Test
  void ofTwoHomesTheLaterValueOfATraitIsSeen() {
    Person person =
        Person.of(
            List.of(saying(ROOT, "plan", "\"pro\"", 5), saying(LINKED, "plan", "\"free\"", 7)));
    assertThat(requireNonNull(person.traits().get("plan")).value()).hasToString("\"free\"");
  }

  @Test
  void aLaterRemovalInOneHomeHidesTheValueOfAnother() {
    Person person =
        Person.of(List.of(saying(ROOT, "plan", "1", 5), saying(LINKED, "plan", null, 7)));
    assertThat(Person.plain(person.traits())).asString().isEqualTo("{}");
  }

  @Test
  void atTheSameTimeTheGreaterMessageIdIsSeen() {
    Claim one = new Claim(RawJson.of("1"), 5, "s", "a");
    Claim other = new Claim(RawJson.of("0"), 5, "s", "b");
    assertThat(Claim.later(one, other)).isSameAs(other);
    assertThat(Claim.later(other, one)).isSameAs(other);
  }

  @Test
  void aMergeNeverTurnsANoIntoAYes() {
    Person person =
        Person.of(List.of(choosing(ROOT, "ads", false, 5), choosing(LINKED, "ads", true, 7)));
    assertThat(Person.plain(person.consent())).asString().isEqualTo("{\"ads\":false}");
  }

  @Test
  void whoAgreesAfterTheMergeHasAgreed() {
    Person person =
        Person.of(List.of(choosing(ROOT, "ads", false, 5), choosing(LINKED, "ads", true, 101)));
    assertThat(Person.plain(person.consent())).asString().isEqualTo("{\"ads\":true}");
  }

  @Test
  void afterASplitEachHasTheOwnChoiceAgain() {
    Home alone = choosing(LINKED, "ads", true, 7).linked(null, 2, 200).rooted(LINKED.key().id());
    assertThat(Person.plain(Person.of(List.of(alone)).consent()))
        .asString()
        .isEqualTo("{\"ads\":true}");
  }

  @Test
  void beyondTheLimitANewTraitIsNotTakenButAKnownOneIs() {
    Map<String, Claim> many = new HashMap<>();
    for (int i = 0; i < Home.MAX_TRAITS; i++) {
      many.put("k" + i, new Claim(RawJson.of("1"), 1, "s", "m"));
    }
    Home full = home(1).fold(facts(many)).home();
    Home.Folded folded =
        full.fold(
            facts(
                Map.of(
                    "new", new Claim(RawJson.of("2"), 2, "s", "m2"),
                    "k7", new Claim(RawJson.of("2"), 2, "s", "m2"))));
    assertThat(folded.home().traits().asMap()).hasSize(Home.MAX_TRAITS).doesNotContainKey("new");
    assertThat(requireNonNull(folded.home().traits().asMap().get("k7")).value()).hasToString("2");
    assertThat(folded.ignored())
        .containsExactly(new EventFacts.IgnoredTrait("new", "too_many_traits"));
  }

  @Test
  void anEventWithoutThePersonCountsButIsNotASight() {
    Home home = home(1).fold(new EventFacts(Map.of(), Map.of(), 5, false, List.of())).home();
    assertThat(home.eventCount()).isEqualTo(1);
    assertThat(home.firstSeen()).isEqualTo(5);
    assertThat(home.lastSeen()).isNull();
  }

  private static Home home(long id) {
    return Home.create(new ProfileKey("ws_a", new ProfileId(new UUID(0, id))));
  }

  private static Home saying(Home home, String key, @Nullable String json, long micros) {
    RawJson value = json == null ? null : RawJson.of(json);
    return home.fold(facts(Map.of(key, new Claim(value, micros, "s", "m" + micros)))).home();
  }

  private static Home choosing(Home home, String category, boolean choice, long micros) {
    Claim claim = new Claim(RawJson.of("" + choice), micros, "s", "m" + micros);
    return home.fold(new EventFacts(Map.of(), Map.of(category, claim), micros, true, List.of()))
        .home();
  }

  private static EventFacts facts(Map<String, Claim> traits) {
    return new EventFacts(traits, Map.of(), 1, true, List.of());
  }

  @Test
  void claimsThatWereNotLoadedAreNeverTakenForNone() {
    assertThat(Claims.UNREAD).isNotEqualTo(null).isEqualTo(Claims.UNREAD);
    assertThatIllegalStateException().isThrownBy(Claims.UNREAD::asMap);
    assertThatIllegalStateException().isThrownBy(Claims.UNREAD::encode);
  }
}
