package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.CollectedEvent;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileId;
import io.tributary.stream.InputRecord;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How many profile changes a second one thread applies with 20 mixed segments; asked for by
 * -Dtributary.benchmark=true.
 */
@EnabledIfSystemProperty(named = "tributary.benchmark", matches = "true")
class SegmentStageBenchmarkTest {
  private static final int PEOPLE = 5_000;
  private static final int BATCH = 1_000;
  private static final int BATCHES = 60;
  private static final int WARM = 20;
  private static final List<String> EVENTS =
      List.of(
          "Order Completed",
          "Product Viewed",
          "Page A",
          "Page B",
          "Page C",
          "Page D",
          "Page E",
          "Search");

  private final World world = new World();
  private final Random random = new Random(1);
  private long number;

  @Test
  void appliesChangesOfTwentySegments() throws Exception {
    for (int i = 0; i < 20; i++) {
      world.define("seg_" + i, condition(i));
    }
    world.build();
    List<ProfileId> people = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      people.add(ProfileId.create());
    }
    world
        .jdbc
        .sql(
            "insert into profile.home select 'ws_1', p, p, '{\"country\":\"DE\",\"plan\":\"a\"}'::jsonb, 1 from unnest(?::uuid[]) p")
        .param(people.stream().map(id -> id.uuid().toString()).toArray(String[]::new))
        .update();
    long began = 0;
    try (Connection connection = world.open()) {
      connection.setAutoCommit(false);
      for (int batch = 0; batch < WARM + BATCHES; batch++) {
        if (batch == WARM) {
          began = System.nanoTime();
        }
        List<InputRecord> records = new ArrayList<>(BATCH);
        for (int i = 0; i < BATCH; i++) {
          records.add(record(people.get(random.nextInt(PEOPLE))));
        }
        world.stage.apply(connection, records);
        connection.commit();
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "benchmark stage=segment segments=20 batch=%d changes/s=%.0f%n",
        BATCH, BATCHES * BATCH / seconds);
    assertThat(world.count("segment.membership")).isPositive();
  }

  private static String condition(int i) {
    String event = EVENTS.get(i % EVENTS.size());
    return switch (i % 4) {
      case 0 ->
          "{\"type\":\"event\",\"event\":\""
              + event
              + "\",\"count\":{\"operator\":\"at_least\",\"value\":"
              + (1 + i / 4)
              + "},\"within\":{\"days\":30}}";
      case 1 ->
          "{\"type\":\"trait\",\"trait\":\"plan\",\"operator\":\"equals\",\"value\":\"p"
              + i
              + "\"}";
      case 2 ->
          "{\"type\":\"and\",\"conditions\":[{\"type\":\"trait\",\"trait\":\"country\",\"operator\":\"equals\",\"value\":\"DE\"},{\"type\":\"event\",\"event\":\""
              + event
              + "\",\"performed\":true,\"within\":{\"days\":7},\"where\":[{\"property\":\"total\",\"operator\":\"greater_than\",\"value\":50}]}]}";
      default ->
          "{\"type\":\"event\",\"event\":\""
              + event
              + "\",\"performed\":false,\"within\":{\"days\":"
              + (1 + i)
              + "}}";
    };
  }

  private InputRecord record(ProfileId person) {
    String json =
        """
        {"workspaceId":"ws_1","sourceId":"src_1","type":"track","messageId":"m%d","timestamp":"%s","receivedAt":"%s",
         "event":"%s","userId":"u1","properties":{"total":%d,"filler":"%s"},"context":{"library":{"name":"x"}}}
        """
            .formatted(
                ++number,
                world.clock.instant(),
                world.clock.instant(),
                EVENTS.get(random.nextInt(EVENTS.size())),
                random.nextInt(100),
                "x".repeat(300));
    byte[] value =
        new ProfileEvent(
                person,
                person,
                number,
                List.of(),
                CollectedEvent.decode(json.getBytes(StandardCharsets.UTF_8)))
            .encode();
    return new InputRecord(
        "profile.changes", 0, number, person.toString(), value, world.clock.instant());
  }
}
