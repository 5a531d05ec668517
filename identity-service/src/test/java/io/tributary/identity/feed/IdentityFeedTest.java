package io.tributary.identity.feed;

import static io.tributary.identity.Identities.event;
import static io.tributary.identity.Identities.events;
import static io.tributary.identity.Identities.links;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.identity.GraphInvariants;
import io.tributary.identity.Identities;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdentityFeedTest {
  private final Identities identities = Identities.create();

  @AfterEach
  void theGraphIsSound() {
    GraphInvariants.check(identities);
  }

  private static void assertSame(List<Output> actual, List<Output> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).key()).isEqualTo(expected.get(i).key());
      assertThat(actual.get(i).topic()).isEqualTo(expected.get(i).topic());
      assertThat(new String(actual.get(i).value(), StandardCharsets.UTF_8))
          .isEqualTo(new String(expected.get(i).value(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void everyEventComesOutWithItsHomeAndItsOriginalBytes() {
    InputRecord record =
        identities.record(event().user("u1").context("{\"ip\":\"1.2.3.4\",\"é\":[1]}"));
    List<Output> outputs = identities.apply(List.of(record));
    assertThat(outputs)
        .singleElement()
        .satisfies(output -> {
          assertThat(output.topic()).isEqualTo("identity.events");
          assertThat(output.key()).isEqualTo(events(outputs).getFirst().canonicalId().toString());
        });
    assertThat(events(outputs).getFirst().event().json().toBytes()).isEqualTo(record.value());
  }

  @Test
  void whatWasCommittedBeforeACrashIsSaidAgainToTheByte() {
    identities.apply(event().user("u1"), event().device("d1"), event().device("d2"));
    List<InputRecord> batch =
        List.of(
            identities.record(event().device("d9").at(1)),
            identities.record(event().user("u1").device("d1").at(2)),
            identities.record(event().user("u1").device("d2").at(3)),
            identities.record(event().user("u2").device("d9").email("b@x.io").at(4)),
            identities.record("no json".getBytes(StandardCharsets.UTF_8)));
    List<Output> said = identities.apply(batch);
    assertThat(links(said)).hasSize(2);
    // The state goes on before anything is said again.
    identities.apply(event().user("u1").device("d3").at(5), event().user("u2").device("d1").at(6));
    identities.clock().advance(java.time.Duration.ofMinutes(5));
    assertSame(identities.reemit(batch), said);
    assertSame(identities.reemit(batch.subList(1, 2)), said.subList(1, 3));
  }

  @Test
  void aSplitDoesNotChangeWhatIsSaidAgainOfTheMerge() {
    identities.apply(event().user("u1"));
    UUID visit = identities.home(event().device("d"));
    List<InputRecord> login = List.of(identities.record(event().user("u1").device("d")));
    List<Output> said = identities.apply(login);
    new io.tributary.identity.store.SplitStore(
            identities.dataSource(), Identities.changeLog(), identities.clock())
        .split(Identities.WORKSPACE, visit, identities.mergeOf(visit), "tok_1");
    assertSame(identities.reemit(login), said);
  }

  @Test
  void aDuplicateHasNoEffectAndTellsWhereTheFirstLies() {
    InputRecord first = identities.record(event().user("u1").message("m1"));
    identities.apply(List.of(first));
    InputRecord later = identities.again(first);
    assertThat(identities.apply(List.of(later))).isEmpty();
    assertThat(identities.reemit(List.of(later))).isEmpty();
    assertThat(
            identities.count(
                "v_duplicate where message_id = 'm1' and position = 1 and first_position = 0"))
        .isOne();
    assertThat(identities.count("control_total where outcome = 'duplicate' and total = 1")).isOne();
  }

  @Test
  void ofEqualMessagesInOneBatchTheFirstCounts() {
    List<Output> outputs =
        identities.apply(event().user("u1").message("m1"), event().user("u2").message("m1"));
    assertThat(events(outputs)).hasSize(1);
    assertThat(identities.count("v_identifier where value = 'u2'")).isZero();
  }

  @Test
  void anotherWorkspaceMayUseTheSameMessageIdAndIdentifiers() {
    UUID one = identities.home(event().user("u1").device("d").message("m1"));
    UUID other = identities.home(event().in("ws_2").user("u1").device("d").message("m1"));
    assertThat(other).isNotEqualTo(one);
    List<Output> both =
        identities.apply(event().user("u1").device("d"), event().in("ws_2").user("u1").device("d"));
    assertThat(events(both)).extracting(e -> e.profileId().uuid()).containsExactly(one, other);
  }

  @Test
  void whatCannotBeReadGoesToQuarantineAndItsNeighboursGoOn() {
    InputRecord broken = identities.record("{\"type\":".getBytes(StandardCharsets.UTF_8));
    List<Output> outputs =
        identities.apply(
            List.of(
                identities.record(event().user("u1")),
                broken,
                identities.record(event().user("u2"))));
    assertThat(events(outputs)).hasSize(2);
    assertThat(
            identities
                .sql()
                .sql("select original from identity.v_quarantine where position = 0")
                .query(byte[].class)
                .single())
        .isEqualTo(broken.value());
    assertThat(identities.count("control_total where outcome = 'quarantined' and total = 1"))
        .isOne();
  }

  @Test
  void anEventWhoseIdentifiersAreAllBlockedGoesToQuarantineAndLeavesNoMessage() {
    assertThat(identities.apply(event().user(" NULL ").device("0-0").message("m1"))).isEmpty();
    assertThat(
            identities.count(
                "quarantine where reasons @> '[{\"code\":\"no_usable_identifier\"}]' and message_id = 'm1'"))
        .isOne();
    assertThat(identities.count("message")).isZero();
    assertThat(events(identities.apply(event().user("u1").message("m1")))).hasSize(1);
  }

  @Test
  void aGroupCallWithNothingButItsGroupGetsTheProfileOfTheGroup() {
    UUID group =
        identities.home(
            event().group("acme").traits(EventType.GROUP, "{\"email\":\"info@acme.io\"}"));
    assertThat(identities.home(event().group("acme"))).isEqualTo(group);
    assertThat(identities.home(event().group("acme").user("u1"))).isNotEqualTo(group);
    assertThat(identities.count("v_identifier where type = 'email'")).isZero();
  }

  @Test
  void identifiersComeFromTraitsAndContext() {
    identities.apply(
        event()
            .user("u1")
            .traits(EventType.IDENTIFY, "{\"email\":\" Ann@X.io \",\"phone\":\"0151 1234567\"}")
            .context(
                "{\"externalIds\":[{\"id\":\"c7\",\"type\":\"card\",\"collection\":\"users\",\"encoding\":\"none\"}]}"));
    assertThat(
            identities
                .sql()
                .sql("select type || '=' || value from identity.v_identifier order by 1")
                .query(String.class)
                .list())
        .containsExactly("email=ann@x.io", "external:card=c7", "phone=+491511234567", "userId=u1");
  }

  @Test
  void laterBatchesFindWhatEarlierOnesDecidedWithAndWithoutACache() {
    UUID visit = identities.home(event().device("d").at(0));
    UUID login = identities.home(event().user("u1").device("d").email("a@x.io").at(1));
    assertThat(login).isEqualTo(visit);
    assertThat(identities.home(event().email("A@x.io").at(2))).isEqualTo(visit);
    UUID fresh =
        events(
                identities.apply(
                    identities.newFeed(), List.of(identities.record(event().user("u1")))))
            .getFirst()
            .profileId()
            .uuid();
    assertThat(fresh).isEqualTo(visit);
  }

  @Test
  void aMergeMovesTheWholeComponentAndIsToldWithVersionAndReason() {
    UUID a = identities.home(event().device("a"));
    UUID b = identities.home(event().email("b@x.io"));
    UUID c = identities.home(event().user("c"));
    identities.apply(event().email("b@x.io").device("a"));
    List<Output> outputs = identities.apply(event().user("c").email("b@x.io"));
    assertThat(identities.root(a)).isEqualTo(c);
    assertThat(identities.root(b)).isEqualTo(c);
    ProfileLink link = links(outputs).getFirst();
    assertThat(link.profileId().uuid()).isEqualTo(a);
    assertThat(link.mergedInto()).isEqualTo(link.key());
    assertThat(link.key().uuid()).isEqualTo(c);
    assertThat(link.version()).isOne();
    assertThat(link.reason()).isEqualTo("identifiers: userId and email");
    assertThat(outputs.getFirst().key()).isEqualTo(link.key().toString());
  }

  @Test
  void twoKnownPeopleOnOneDeviceStayTwoAndShareItByTime() {
    UUID one = identities.home(event().user("u1").device("d").at(0));
    UUID two = identities.home(event().user("u2").device("d").at(10));
    assertThat(identities.home(event().device("d").at(5))).isEqualTo(one);
    assertThat(identities.home(event().device("d").at(15))).isEqualTo(two);
    assertThat(identities.root(one)).isNotEqualTo(identities.root(two));
    identities.apply(
        event().user("u2").email("x@x.io").at(11), event().user("u1").email("x@x.io").at(12));
    identities.apply(event().user("u1").email("x@x.io").at(13));
    assertThat(identities.count("refused_link")).isEqualTo(2);
  }

  @Test
  void aTillThatChangesHandsAllDayKnowsEachOfItsTimes() {
    List<UUID> people = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      people.add(identities.home(event().user("u" + i).device("till").at(2 * i)));
    }
    assertThat(identities.count("identifier where type = 'anonymousId'")).isEqualTo(100);
    List<Identities.Draft> walk = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      walk.add(event().device("till").at(2 * i + 1));
    }
    assertThat(events(identities.apply(walk.toArray(Identities.Draft[]::new))))
        .extracting(e -> e.profileId().uuid())
        .isEqualTo(people);
    assertThat(identities.home(event().device("till").at(5))).isEqualTo(people.get(2));
    assertThat(identities.home(event().device("till").at(-5))).isEqualTo(people.getFirst());
    UUID late = identities.home(event().user("late").device("till").at(5));
    assertThat(identities.home(event().device("till").at(5))).isEqualTo(late);
    assertThat(identities.home(event().device("till").at(6))).isEqualTo(people.get(3));
  }

  @Test
  void aLargeBatchGivesWhatTheSameEventsGiveOneByOne() {
    Identities single = Identities.createApart();
    List<Identities.Draft> drafts = new ArrayList<>();
    java.util.Random random = new java.util.Random(7);
    for (int i = 0; i < 300; i++) {
      Identities.Draft draft = event().at(i).device("d" + random.nextInt(40));
      if (random.nextInt(3) == 0) {
        draft.user("u" + random.nextInt(25));
      }
      if (random.nextInt(4) == 0) {
        draft.email("e" + random.nextInt(25) + "@x.io");
      }
      drafts.add(draft);
    }
    identities.apply(drafts.toArray(Identities.Draft[]::new));
    drafts.forEach(single::apply);
    GraphInvariants.check(single);
    assertThat(shape(identities)).isEqualTo(shape(single));
  }

  /** Who belongs together, without ids. */
  private static List<String> shape(Identities of) {
    return of.sql()
        .sql(
            """
            select string_agg(i.type || i.value || i.valid_from, ',' order by i.type, i.value, i.valid_from)
            from identity.identifier i join identity.node n using (workspace_id, profile_id)
            group by n.canonical_id order by 1
            """)
        .query(String.class)
        .list();
  }
}
