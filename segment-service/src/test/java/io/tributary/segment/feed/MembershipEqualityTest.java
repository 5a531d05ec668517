package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.ProfileId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens, and in whatever batches it arrives: once all is applied the members are those
 * that the condition's SQL selects, and the crossings of each alternate and lead there.
 */
class MembershipEqualityTest {
  private static final Map<String, String> SEGMENTS =
      Map.of(
          "seg_a",
          "{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"equals\",\"value\":\"DE\"}",
          "seg_b",
          "{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"not_equals\",\"value\":\"DE\"}",
          "seg_c",
          """
          {"type":"event","event":"Order","count":{"operator":"at_least","value":2},"within":{"hours":3}}
          """,
          "seg_d",
          """
          {"type":"event","event":"Order","count":{"operator":"at_most","value":1,"includeNever":false},
           "within":{"hours":5}}
          """,
          "seg_e",
          "{\"type\":\"event\",\"event\":\"Visit\",\"performed\":false,\"within\":{\"hours\":2}}",
          "seg_f",
          """
          {"type":"and","conditions":[{"type":"segment","segmentId":"seg_c","member":true},
           {"type":"segment","segmentId":"seg_e","member":false}]}
          """,
          "seg_g",
          """
          {"type":"event","event":"Order","count":{"operator":"exactly","value":1,"includeNever":false},
           "within":{"hours":4},"where":[{"property":"total","operator":"greater_than","value":10}]}
          """,
          "seg_h",
          """
          {"type":"not","condition":{"type":"or","conditions":[{"type":"segment","segmentId":"seg_a","member":true},
           {"type":"event","event":"Visit","count":{"operator":"more_than","value":2},"within":{"days":1}}]}}
          """,
          "seg_i",
          "{\"type\":\"event\",\"event\":\"Order\",\"performed\":true}");

  private final World world = new World();
  private final List<ProfileId> people = new ArrayList<>();
  private final Map<ProfileId, ProfileId> absorbed = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void membersEqualWhatSqlSelects(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 6; i++) {
      people.add(world.person());
    }
    List<String> ids = new ArrayList<>(new TreeSet<>(SEGMENTS.keySet()));
    for (String id : ids.subList(0, 6)) {
      world.segment(id, SEGMENTS.getOrDefault(id, ""));
    }
    for (int step = 0; step < 120; step++) {
      if (step >= 20 && step % 20 == 0 && 5 + step / 20 < ids.size()) {
        String id = ids.get(5 + step / 20);
        world.define(id, SEGMENTS.getOrDefault(id, ""));
      }
      act(random);
      if (random.nextInt(3) == 0) {
        world.build();
        settle();
        check("seed " + seed + " step " + step);
      }
    }
    world.build();
    settle();
    check("seed " + seed + " end");
    checkHistory();
  }

  private void act(Random random) {
    ProfileId who = people.get(random.nextInt(people.size()));
    switch (random.nextInt(10)) {
      case 0 -> people.add(world.person());
      case 1, 2 -> world.track(who, "Visit", moment(random));
      case 3, 4, 5 ->
          world.track(who, "Order", moment(random), "{\"total\":" + random.nextInt(20) + "}");
      case 6 ->
          world.identify(who, "{\"country\":\"" + (random.nextBoolean() ? "DE" : "FR") + "\"}");
      case 7 -> merge(random);
      case 8 -> split(random);
      default -> world.pass(Duration.ofMinutes(random.nextInt(90)));
    }
    if (random.nextInt(4) == 0) {
      world.deliver();
    }
    if (random.nextInt(6) == 0 && world.waiting.isEmpty()) {
      world.tick();
    }
  }

  private Instant moment(Random random) {
    return world
        .clock
        .instant()
        .minus(Duration.ofMinutes((long) random.nextInt(3) * random.nextInt(200)));
  }

  private void merge(Random random) {
    List<ProfileId> roots = people.stream().filter(one -> !absorbed.containsKey(one)).toList();
    ProfileId from = roots.get(random.nextInt(roots.size()));
    ProfileId into = roots.get(random.nextInt(roots.size()));
    // One level of links, so that the fixture's split is the plain inverse.
    if (!from.equals(into) && !absorbed.containsValue(from)) {
      absorbed.put(from, into);
      world.merge(from, into);
    }
  }

  private void split(Random random) {
    List<ProfileId> parts = new ArrayList<>(new TreeSet<>(absorbed.keySet()));
    if (!parts.isEmpty()) {
      ProfileId part = parts.get(random.nextInt(parts.size()));
      absorbed.remove(part);
      world.split(part);
    }
  }

  private void settle() {
    world.deliver();
    world.tick();
  }

  private void check(String when) {
    Set<String> ready =
        new TreeSet<>(
            world
                .jdbc
                .sql("select segment_id from segment.build where state = 'ready'")
                .query(String.class)
                .list());
    Set<String> touched = touched();
    for (String id : ready) {
      Set<String> members = new TreeSet<>();
      world.members(id).forEach(one -> members.add(one.toString()));
      Set<String> selected = new TreeSet<>();
      world.selected(id).forEach(one -> selected.add(one.toString()));
      // Somebody of whom no record has come yet is not known here.
      selected.retainAll(touched);
      members.retainAll(touched);
      assertThat(members).as(when + " " + id).isEqualTo(selected);
    }
  }

  private Set<String> touched() {
    return new TreeSet<>(
        world
            .jdbc
            .sql(
                "select 'prf_' || replace(profile_id::text, '-', '') from segment.profile_lock where evaluated")
            .query(String.class)
            .list());
  }

  private void checkHistory() {
    for (String id : SEGMENTS.keySet()) {
      for (ProfileId person : people) {
        List<String> lines = world.history(id, person);
        Instant last = Instant.EPOCH;
        for (int i = 0; i < lines.size(); i++) {
          assertThat(lines.get(i)).startsWith(i % 2 == 0 ? "entered" : "exited");
          Instant at = Instant.parse(lines.get(i).substring(lines.get(i).lastIndexOf(' ') + 1));
          assertThat(at).as(id + " " + lines).isAfterOrEqualTo(last);
          last = at;
        }
        assertThat(lines.size() % 2 == 1).isEqualTo(world.members(id).contains(person));
      }
    }
  }
}
