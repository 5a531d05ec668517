package io.tributary.identity.store;

import static io.tributary.identity.Identities.WORKSPACE;
import static io.tributary.identity.Identities.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.IdentityRecord;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.identity.GraphInvariants;
import io.tributary.identity.Identities;
import io.tributary.identity.store.ErasureStore.Request;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ErasureStoreTest {
  private final Identities identities = Identities.create();
  private final ErasureStore erasures =
      new ErasureStore(identities.dataSource(), Identities.changeLog(), identities.clock());

  @AfterEach
  void theGraphIsSound() {
    GraphInvariants.check(identities);
  }

  private boolean erase(UUID... homes) {
    return erasures.erase(new Request(WORKSPACE, "prq_1", Set.of(homes)));
  }

  @Test
  void theErasedPersonComesBackAsANewOneAlsoWithWarmCaches() {
    UUID known = identities.home(event().user("u1").email("a@x.io").device("d"));
    assertThat(identities.home(event().user("u1"))).isEqualTo(known);
    assertThat(erase(known)).isTrue();
    assertThat(identities.count("identifier")).isZero();
    assertThat(identities.count("node where user_id is not null")).isZero();
    assertThat(identities.count("v_privacy_receipt where request_id = 'prq_1'")).isOne();
    UUID back = identities.home(event().user("u1").email("a@x.io").device("d"));
    assertThat(back).isNotEqualTo(known);
  }

  @Test
  void aSecondTimeDoesNothing() {
    UUID known = identities.home(event().user("u1"));
    erase(known);
    identities.apply(event().user("u1"));
    assertThat(erase(known)).isFalse();
    assertThat(identities.count("identifier")).isOne();
  }

  @Test
  void whatTellsOfTheIdentifiersIsForgottenToo() {
    UUID one = identities.home(event().user("u1").email("a@x.io"));
    UUID visit = identities.home(event().device("d"));
    identities.apply(event().user("u1").device("d"));
    identities.apply(event().user("u2").email("a@x.io"));
    identities.apply(event().user("null").context("{\"note\":\"A@x.io\"}").device("0"));
    identities.apply(event().user("null").context("{\"note\":\"b@x.io\"}").device("0"));
    assertThat(identities.count("refused_link")).isOne();
    assertThat(identities.count("quarantine")).isEqualTo(2);
    erase(one, visit);
    assertThat(identities.count("refused_link")).isZero();
    assertThat(identities.count("quarantine")).isOne();
    assertThat(identities.count("merge where cause ? 'messageId'".replace("?", "??"))).isZero();
    assertThat(identities.count("merge")).isOne();
  }

  @Test
  void whoeverJoinedAfterTheRequestIsCutLoose() {
    UUID known = identities.home(event().user("u1"));
    UUID late = identities.home(event().device("d"));
    identities.apply(event().user("u1").device("d"));
    assertThat(identities.root(late)).isEqualTo(known);
    erase(known);
    assertThat(identities.root(late)).isEqualTo(late);
    List<ProfileLink> told =
        identities
            .sql()
            .sql("select value from identity.change_log")
            .query(byte[].class)
            .list()
            .stream()
            .map(IdentityRecord::decode)
            .map(ProfileLink.class::cast)
            .toList();
    assertThat(told).extracting(link -> link.profileId().uuid()).containsExactly(late);
    assertThat(told).extracting(ProfileLink::mergedInto).containsOnlyNulls();
    assertThat(identities.home(event().device("d"))).isEqualTo(late);
  }

  @Test
  void theirTimeOnASharedDeviceGoesToNobodyKnown() {
    UUID one = identities.home(event().user("u1").device("d").at(0));
    UUID two = identities.home(event().user("u2").device("d").at(10));
    erase(two);
    UUID after = identities.home(event().device("d").at(15));
    assertThat(after).isNotIn(one, two);
    assertThat(identities.home(event().device("d").at(5))).isEqualTo(one);
  }

  @Test
  void requestsAreReadFromTheProfileStoreOnceItIsThere() {
    assertThat(erasures.open()).isEmpty();
    UUID known = identities.home(event().user("u1"));
    publishRequest(known);
    try {
      assertThat(erasures.open()).containsExactly(new Request(WORKSPACE, "prq_7", Set.of(known)));
      erasures.open().forEach(erasures::erase);
      assertThat(erasures.open()).isEmpty();
    } finally {
      drop("profile");
    }
  }

  @Test
  void identifiersStayUntilTheServicesThatSearchByThemAreDone() {
    UUID known = identities.home(event().user("u1"));
    publishRequest(known);
    try {
      for (String reader : List.of("ingestion", "campaign")) {
        execute("create schema " + reader);
        execute(
            "create table %s.v_privacy_receipt (workspace_id text, request_id text)"
                .formatted(reader));
      }
      assertThat(erasures.open()).isEmpty();
      execute("insert into ingestion.v_privacy_receipt values ('ws_1', 'prq_7')");
      execute("insert into campaign.v_privacy_receipt values ('ws_1', 'prq_6'), ('ws_2', 'prq_7')");
      assertThat(erasures.open()).isEmpty();
      execute("insert into campaign.v_privacy_receipt values ('ws_1', 'prq_7')");
      assertThat(erasures.open()).containsExactly(new Request(WORKSPACE, "prq_7", Set.of(known)));
    } finally {
      List.of("profile", "ingestion", "campaign").forEach(this::drop);
    }
  }

  private void publishRequest(UUID home) {
    execute("create schema profile");
    execute(
        """
        create view profile.v_privacy_request as
        select 'ws_1' as workspace_id, 'prq_7' as request_id, kind, cast('%s' as uuid) as profile_id,
            now() as at, 'open' as state
        from (values ('erase'), ('suppress')) as k (kind)
        """
            .formatted(home));
  }

  private void drop(String schema) {
    execute("drop schema if exists " + schema + " cascade");
  }

  private void execute(String sql) {
    identities.sql().sql(sql).update();
  }
}
