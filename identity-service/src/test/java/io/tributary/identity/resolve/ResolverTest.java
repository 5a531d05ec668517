package io.tributary.identity.resolve;

import static io.tributary.identity.resolve.World.device;
import static io.tributary.identity.resolve.World.email;
import static io.tributary.identity.resolve.World.id;
import static io.tributary.identity.resolve.World.user;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.identity.resolve.Decisions.Reason;
import io.tributary.identity.resolve.Decisions.Refusal;
import io.tributary.identity.resolve.Decisions.Resolution;
import io.tributary.identity.resolve.Decisions.Rule;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ResolverTest {
  private final World world = new World();

  @Test
  void anUnknownVisitorGetsAProfileAndKeepsIt() {
    UUID first = world.event(0, device("d"));
    UUID second = world.event(1, device("d"));
    assertThat(second).isEqualTo(first);
    assertThat(world.people()).isOne();
  }

  @Test
  void aNewUserOnAKnownDeviceIsThePersonOfTheDevice() {
    UUID visit = world.event(0, device("d"));
    UUID login = world.event(5, user("u1"), device("d"));
    assertThat(login).isEqualTo(visit);
    assertThat(world.merges).isEmpty();
    assertThat(world.refusals).isEmpty();
  }

  @Test
  void theVisitsBeforeTheLoginOfAKnownUserBecomeTheirs() {
    UUID known = world.event(0, user("u1"));
    UUID visit = world.event(1, device("d"));
    UUID login = world.event(5, user("u1"), device("d"));
    assertThat(login).isEqualTo(known).isNotEqualTo(visit);
    assertThat(world.root(visit)).isEqualTo(known);
    assertThat(world.merges)
        .singleElement()
        .satisfies(merge -> {
          assertThat(merge.cause().rule()).isEqualTo(Rule.DEVICE);
          assertThat(merge.cause().reason()).isEqualTo("device: userId and anonymousId");
          assertThat(merge.version()).isOne();
        });
  }

  @Test
  void twoKnownPeopleOnOneDeviceNeverBecomeOne() {
    UUID one = world.event(0, user("u1"), device("d"));
    UUID other = world.event(10, user("u2"), device("d"));
    assertThat(world.root(other)).isNotEqualTo(world.root(one));
    assertThat(world.refusals)
        .extracting(Refusal::reason, Refusal::home, Refusal::otherHome)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(Reason.OTHER_USER_ID, other, one));
  }

  @Test
  void anonymousEventsBelongToWhomTheDeviceWasAtTheirTime() {
    UUID one = world.event(0, user("u1"), device("d"));
    UUID other = world.event(10, user("u2"), device("d"));
    assertThat(world.event(9, device("d"))).isEqualTo(one);
    assertThat(world.event(10, device("d"))).isEqualTo(other);
    assertThat(world.event(99, device("d"))).isEqualTo(other);
    assertThat(world.event(-50, device("d"))).isEqualTo(one);
  }

  @Test
  void aDeviceThatGoesBackAndForthBelongsToEachInTurn() {
    UUID one = world.event(0, user("u1"), device("d"));
    UUID other = world.event(10, user("u2"), device("d"));
    assertThat(world.event(20, user("u1"), device("d"))).isEqualTo(one);
    assertThat(world.event(15, device("d"))).isEqualTo(other);
    assertThat(world.event(25, device("d"))).isEqualTo(one);
    assertThat(world.holders(device("d"))).isEqualTo(3);
  }

  @Test
  void aLateLoginTakesTheDeviceOnlyUntilTheNextLogin() {
    UUID one = world.event(0, user("u1"), device("d"));
    UUID third = world.event(20, user("u3"), device("d"));
    UUID late = world.event(10, user("u2"), device("d"));
    assertThat(world.event(5, device("d"))).isEqualTo(one);
    assertThat(world.event(15, device("d"))).isEqualTo(late);
    assertThat(world.event(25, device("d"))).isEqualTo(third);
  }

  @Test
  void anotherLoginAtTheVeryTimeOfOneLeavesTheDevice() {
    world.event(0, user("u1"), device("d"));
    UUID second = world.event(10, user("u2"), device("d"));
    UUID third = world.event(10, user("u3"), device("d"));
    assertThat(world.owner(device("d"), 10)).isEqualTo(second).isNotEqualTo(third);
    assertThat(world.holders(device("d"))).isEqualTo(2);
  }

  @Test
  void repeatedEventsOfTheSecondPersonRecordNothingMore() {
    world.event(0, user("u1"), device("d"));
    world.event(10, user("u2"), device("d"));
    world.event(11, user("u2"), device("d"));
    world.event(12, user("u2"), device("d"));
    assertThat(world.refusals).hasSize(1);
    assertThat(world.holders(device("d"))).isEqualTo(2);
  }

  @Test
  void anEmailOfAnotherUserStaysWhereItIs() {
    UUID one = world.event(0, user("u1"), email("a@x.io"));
    UUID other = world.event(1, user("u2"), email("a@x.io"));
    assertThat(world.root(other)).isNotEqualTo(world.root(one));
    assertThat(world.owner(email("a@x.io"), 9)).isEqualTo(one);
    assertThat(world.refusals).extracting(Refusal::identifier).containsExactly(email("a@x.io"));
    assertThat(world.event(2, email("a@x.io"))).isEqualTo(one);
  }

  @Test
  void aNewUserWhoseEmailIsFreeJoinsItsOwner() {
    UUID subscriber = world.event(0, email("a@x.io"));
    UUID login = world.event(1, user("u1"), email("a@x.io"));
    assertThat(login).isEqualTo(subscriber);
  }

  @Test
  void aRefusedEmailDoesNotKeepTheFreeDeviceFromTheNewUser() {
    world.event(0, user("u1"), email("a@x.io"));
    UUID visit = world.event(1, device("d"));
    UUID login = world.event(2, user("u2"), email("a@x.io"), device("d"));
    assertThat(login).isEqualTo(visit);
    assertThat(world.root(login)).isNotEqualTo(world.owner(email("a@x.io"), 9));
  }

  @Test
  void oneEventThatNamesThreePeopleWithoutUserIdsMakesThemOne() {
    UUID byEmail = world.event(0, email("a@x.io"));
    UUID byPhone = world.event(1, id("phone", "+491511234567"));
    UUID byCard = world.event(2, id("external:card", "7"));
    UUID all =
        world.event(3, email("a@x.io"), id("phone", "+491511234567"), id("external:card", "7"));
    assertThat(all).isEqualTo(byEmail);
    assertThat(world.root(byPhone)).isEqualTo(byEmail);
    assertThat(world.root(byCard)).isEqualTo(byEmail);
    assertThat(world.merges).hasSize(2);
  }

  @Test
  void theOneWithAUserIdSurvivesEvenIfItIsYounger() {
    UUID old = world.event(0, email("a@x.io"));
    UUID known = world.event(1, user("u1"));
    world.event(2, user("u1"), email("a@x.io"));
    assertThat(world.root(old)).isEqualTo(known);
  }

  @Test
  void amongEqualsTheOlderSurvives() {
    UUID old = world.event(0, email("a@x.io"));
    UUID young = world.event(1, device("d"));
    world.event(2, email("a@x.io"), device("d"));
    assertThat(world.root(young)).isEqualTo(old);
  }

  @Test
  void aChainOfMergesEndsInOneRootAndKeepsEachCause() {
    UUID a = world.event(0, device("a"));
    UUID b = world.event(1, device("b"));
    UUID c = world.event(2, device("c"));
    UUID d = world.event(3, device("d"));
    world.batch(
        world.at(4, device("c"), device("d")),
        world.at(5, device("b"), device("c")),
        world.at(6, device("a"), device("b")));
    assertThat(List.of(world.root(b), world.root(c), world.root(d))).containsOnly(a);
    assertThat(world.merges).hasSize(3);
    assertThat(world.merges).extracting(Decisions.Merge::finalRoot).containsOnly(a);
  }

  @Test
  void anAliasOfADeviceJoinsItWithTheUser() {
    UUID visit = world.event(0, device("d"));
    UUID known = world.event(1, user("u1"));
    world.batch(world.alias(2, "d", user("u1")));
    assertThat(world.root(visit)).isEqualTo(known);
    assertThat(world.merges.getFirst().cause().rule()).isEqualTo(Rule.ALIAS);
  }

  @Test
  void anAliasOfAnotherUserIsRefusedAndRecorded() {
    UUID one = world.event(0, user("u1"));
    UUID other = world.event(1, user("u2"));
    UUID home = world.batch(world.alias(2, "u1", user("u2"))).getFirst().home();
    assertThat(home).isEqualTo(other);
    assertThat(world.root(one)).isNotEqualTo(world.root(other));
    assertThat(world.refusals).extracting(Refusal::identifier).containsExactly(user("u1"));
  }

  @Test
  void anAliasToANewUserOfAnExistingUserMakesASecondPerson() {
    UUID one = world.event(0, user("u1"));
    UUID home = world.batch(world.alias(2, "u1", user("u2"))).getFirst().home();
    assertThat(home).isNotEqualTo(one);
    assertThat(world.refusals).hasSize(1);
  }

  @Test
  void anAliasThatComesFirstGivesTheDeviceToTheUser() {
    UUID home = world.batch(world.alias(0, "d", user("u1"))).getFirst().home();
    assertThat(world.event(1, device("d"))).isEqualTo(home);
  }

  @Test
  void anAliasOfASharedDeviceFollowsTheTimeOfTheAlias() {
    UUID one = world.event(0, user("u1"), device("d"));
    world.event(10, user("u2"));
    UUID alias = world.batch(world.alias(10, "d", user("u2"))).getFirst().home();
    assertThat(world.event(5, device("d"))).isEqualTo(one);
    assertThat(world.event(11, device("d"))).isEqualTo(alias);
  }

  @Test
  void peopleSplitByHandStayApart() {
    UUID a = world.event(0, email("a@x.io"));
    UUID b = world.event(1, email("b@x.io"));
    world.veto(a, b);
    UUID home = world.event(2, email("a@x.io"), id("external:card", "7"));
    world.event(3, email("b@x.io"), id("external:card", "7"));
    assertThat(home).isEqualTo(a);
    assertThat(world.root(a)).isNotEqualTo(world.root(b));
    assertThat(world.refusals).extracting(Refusal::reason).containsExactly(Reason.SPLIT_BY_HAND);
  }

  @Test
  void aVetoAlsoHoldsForWhoeverIsMergedInTheSameBatch() {
    UUID a = world.event(0, email("a@x.io"));
    UUID b = world.event(1, email("b@x.io"));
    UUID c = world.event(2, email("c@x.io"));
    world.veto(a, b);
    world.batch(
        world.at(3, email("a@x.io"), id("external:card", "1")),
        world.at(4, email("c@x.io"), id("external:card", "1")),
        world.at(5, email("b@x.io"), id("external:card", "2")),
        world.at(6, email("c@x.io"), id("external:card", "2")));
    assertThat(world.root(c)).isEqualTo(a);
    assertThat(world.root(b)).isNotEqualTo(a);
  }

  @Test
  void aSplitDeviceGoesToTheKnownPersonFromTheirNextLoginOn() {
    UUID known = world.event(0, user("u1"));
    UUID visit = world.event(1, device("d"));
    world.veto(known, visit);
    world.event(10, user("u1"), device("d"));
    assertThat(world.event(5, device("d"))).isEqualTo(visit);
    assertThat(world.event(11, device("d"))).isEqualTo(known);
  }

  @Test
  void aComponentStopsGrowingAtItsLimit() {
    UUID known = world.event(0, user("u1"));
    for (int i = 0; i < Graph.MAX_HOMES + 5; i++) {
      world.event(1, device("d" + i));
      world.event(2, user("u1"), device("d" + i));
    }
    assertThat(world.merges).hasSize(Graph.MAX_HOMES - 1);
    assertThat(world.refusals)
        .hasSize(6)
        .extracting(Refusal::reason)
        .containsOnly(Reason.TOO_MANY_HOMES);
    assertThat(world.event(3, device("d" + (Graph.MAX_HOMES + 4)))).isEqualTo(known);
  }

  @Test
  void laterEventsOfABatchSeeWhatEarlierOnesDecided() {
    List<Resolution> batch =
        world.batch(
            world.at(0, device("d")),
            world.at(1, user("u1"), device("d")),
            world.at(2, user("u1"), email("a@x.io")),
            world.at(3, email("a@x.io")));
    assertThat(batch).extracting(Resolution::home).containsOnly(batch.getFirst().home());
    assertThat(world.people()).isOne();
  }

  @Test
  void aNewIdentifierGoesToTheHomeOfTheStrongestSoThatASplitSeparatesIt() {
    UUID known = world.event(0, user("u1"));
    UUID visit = world.event(1, device("d"));
    world.event(2, user("u1"), device("d"));
    assertThat(world.event(3, device("d"), id("external:card", "7"))).isEqualTo(known(visit, 3));
    assertThat(world.root(visit)).isEqualTo(known);
  }

  /** The home of the new card, which was seen with the device alone. */
  private UUID known(UUID visit, int minute) {
    assertThat(world.event(minute, id("external:card", "7"))).isEqualTo(visit);
    return visit;
  }

  @Test
  void theSameFactsInTheSameOrderGiveTheSameGraph() {
    World again = new World();
    for (World each : List.of(world, again)) {
      each.event(0, user("u1"), device("d"));
      each.event(1, email("a@x.io"));
      each.batch(each.at(2, user("u1"), email("a@x.io")), each.at(3, user("u2"), device("d")));
    }
    assertThat(world.facts()).isEqualTo(again.facts());
  }
}
