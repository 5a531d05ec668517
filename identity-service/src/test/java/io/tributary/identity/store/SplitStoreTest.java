package io.tributary.identity.store;

import static io.tributary.identity.Identities.WORKSPACE;
import static io.tributary.identity.Identities.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.IdentityRecord;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.identity.GraphInvariants;
import io.tributary.identity.Identities;
import io.tributary.identity.store.SplitStore.Outcome;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SplitStoreTest {
  private final Identities identities = Identities.create();
  private final SplitStore splits =
      new SplitStore(identities.dataSource(), Identities.changeLog(), identities.clock());

  @AfterEach
  void theGraphIsSound() {
    GraphInvariants.check(identities);
  }

  private Outcome split(UUID profile, String merge) {
    return splits.split(WORKSPACE, profile, merge, "tok_1");
  }

  private List<ProfileLink> told() {
    return identities
        .sql()
        .sql("select value from identity.change_log order by id")
        .query(byte[].class)
        .list()
        .stream()
        .map(IdentityRecord::decode)
        .map(ProfileLink.class::cast)
        .toList();
  }

  @Test
  void aSplitGivesBothTheirOwnIdentifiersAndIsTold() {
    UUID known = identities.home(event().user("u1"));
    UUID visit = identities.home(event().device("d").at(1));
    identities.apply(event().user("u1").device("d").at(2));
    String merge = identities.mergeOf(visit);
    assertThat(split(known, merge)).isInstanceOf(Outcome.Done.class);
    assertThat(identities.root(visit)).isEqualTo(visit);
    assertThat(identities.root(known)).isEqualTo(known);
    assertThat(identities.home(event().device("d").at(1))).isEqualTo(visit);
    assertThat(told())
        .singleElement()
        .satisfies(link -> {
          assertThat(link.profileId().uuid()).isEqualTo(visit);
          assertThat(link.mergedInto()).isNull();
          assertThat(link.key().uuid()).isEqualTo(known);
          assertThat(link.version()).isEqualTo(2);
          assertThat(link.mergeId()).isEqualTo(merge);
        });
  }

  @Test
  void whatWasSplitIsNotMergedAgainAlsoWithWarmCaches() {
    UUID a = identities.home(event().email("a@x.io"));
    UUID b = identities.home(event().user("u1"));
    identities.apply(event().user("u1").email("a@x.io"));
    identities.apply(event().user("u1").email("a@x.io"));
    assertThat(identities.root(a)).isEqualTo(b);
    split(a, identities.mergeOf(a));
    identities.apply(event().user("u1").email("a@x.io"));
    assertThat(identities.root(a)).isEqualTo(a);
    assertThat(identities.home(event().email("a@x.io"))).isEqualTo(a);
    assertThat(identities.count("refused_link where reason = 'split_by_hand'")).isOne();
  }

  @Test
  void aSplitInTheMiddleKeepsTheLowerHalfTogether() {
    UUID top = identities.home(event().user("top"));
    UUID middle = identities.home(event().email("m@x.io"));
    UUID low = identities.home(event().device("low"));
    identities.apply(event().email("m@x.io").device("low"));
    identities.apply(event().user("top").email("m@x.io"));
    assertThat(identities.root(low)).isEqualTo(top);
    split(top, identities.mergeOf(middle));
    assertThat(identities.root(low)).isEqualTo(middle);
    assertThat(identities.root(middle)).isEqualTo(middle);
    assertThat(identities.root(top)).isEqualTo(top);
    // The lower half is free to become somebody else.
    identities.apply(event().user("other").email("m@x.io"));
    assertThat(identities.home(event().device("low"))).isEqualTo(low);
    assertThat(identities.count("node where user_id = 'other' and homes = 2")).isOne();
  }

  @Test
  void theUserIdGoesWithItsHome() {
    UUID first = identities.home(event().email("a@x.io"));
    UUID second = identities.home(event().email("b@x.io"));
    identities.apply(
        event().email("a@x.io").context("{\"externalIds\":[{\"id\":\"1\",\"type\":\"card\"}]}"));
    identities.apply(
        event().email("b@x.io").context("{\"externalIds\":[{\"id\":\"1\",\"type\":\"card\"}]}"));
    assertThat(identities.root(second)).isEqualTo(first);
    identities.apply(event().user("u1").email("b@x.io"));
    assertThat(identities.count("node where user_id = 'u1' and profile_id = '" + first + "'"))
        .isOne();
    split(second, identities.mergeOf(second));
    assertThat(identities.count("node where user_id = 'u1' and profile_id = '" + second + "'"))
        .isOne();
    assertThat(identities.count("node where user_id is not null")).isOne();
  }

  @Test
  void splittingTwiceIsAConflict() {
    UUID visit = identities.home(event().device("d"));
    identities.apply(event().user("u1"));
    identities.apply(event().user("u1").device("d"));
    String merge = identities.mergeOf(visit);
    assertThat(split(visit, merge)).isInstanceOf(Outcome.Done.class);
    assertThat(split(visit, merge)).isInstanceOf(Outcome.AlreadySplit.class);
    assertThat(told()).hasSize(1);
  }

  @Test
  void aMergeOfAnotherProfileOrWorkspaceIsUnknown() {
    UUID visit = identities.home(event().device("d"));
    UUID stranger = identities.home(event().user("u2"));
    identities.apply(event().user("u1"));
    identities.apply(event().user("u1").device("d"));
    String merge = identities.mergeOf(visit);
    assertThat(split(stranger, merge)).isInstanceOf(Outcome.Unknown.class);
    assertThat(split(visit, "mrg_none")).isInstanceOf(Outcome.Unknown.class);
    assertThat(splits.split("ws_2", visit, merge, "tok_2")).isInstanceOf(Outcome.Unknown.class);
    assertThat(identities.root(visit)).isNotEqualTo(visit);
  }

  @Test
  void historyTellsCauseAndState() {
    UUID visit = identities.home(event().device("d"));
    UUID known = identities.home(event().user("u1"));
    identities.apply(event().user("u1").device("d").message("m7"));
    String merge = identities.mergeOf(visit);
    MergeStore history = new MergeStore(identities.dataSource());
    assertThat(history.merges(WORKSPACE, visit, null, 10))
        .singleElement()
        .satisfies(merged -> {
          assertThat(merged.rule()).isEqualTo("device");
          assertThat(merged.matched()).containsExactly("userId", "anonymousId");
          assertThat(merged.messageId()).isEqualTo("m7");
          assertThat(merged.splitAt()).isNull();
        });
    split(visit, merge);
    for (UUID each : List.of(visit, known)) {
      assertThat(history.merges(WORKSPACE, each, null, 10))
          .singleElement()
          .satisfies(merged -> assertThat(merged.splitBy()).isEqualTo("tok_1"));
    }
    assertThat(history.merges("ws_2", visit, null, 10)).isEmpty();
    assertThat(history.merges(WORKSPACE, visit, merge, 10)).isEmpty();
  }

  @Test
  void refusedLinksAreListedForBothSides() {
    UUID one = identities.home(event().user("u1").email("a@x.io"));
    UUID two = identities.home(event().user("u2").email("a@x.io"));
    identities.apply(event().user("u2").email("a@x.io"));
    MergeStore history = new MergeStore(identities.dataSource());
    for (UUID each : List.of(one, two)) {
      assertThat(history.refused(WORKSPACE, each, null, 10))
          .singleElement()
          .satisfies(refused -> {
            assertThat(refused.profile()).isEqualTo(two);
            assertThat(refused.otherProfile()).isEqualTo(one);
            assertThat(refused.reason()).isEqualTo("other_user_id");
            assertThat(refused.value()).isEqualTo("a@x.io");
          });
    }
    assertThat(history.refused(WORKSPACE, null, null, 10)).hasSize(1);
    assertThat(history.refused("ws_2", null, null, 10)).isEmpty();
  }
}
