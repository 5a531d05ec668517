package io.tributary.profile.feed;

import static io.tributary.profile.ProfileFixture.event;
import static io.tributary.profile.ProfileFixture.identify;
import static io.tributary.profile.ProfileFixture.profile;

import io.tributary.profile.ProfileFixture;
import io.tributary.profile.ProfileInvariants;
import io.tributary.stream.InputRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * How fast one thread stores events in batches of 1,000. Run with {@code -Dbenchmark=true}; counts
 * Postgres' time, too.
 */
@EnabledIfSystemProperty(named = "benchmark", matches = "true")
class ProfileStageBenchmarkTest {
  private static final int BATCH = 1_000;
  private static final int PROFILES = 20_000;

  @Test
  void eventsPerSecond() throws Exception {
    ProfileFixture store = new ProfileFixture();
    Random random = new Random(7);
    int message = 0;
    try (var connection = store.dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (int round = 0; round < 5; round++) {
        List<List<InputRecord>> batches = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          List<InputRecord> batch = new ArrayList<>();
          for (int j = 0; j < BATCH; j++) {
            batch.add(draw(random, message++));
          }
          batches.add(batch);
        }
        long began = System.nanoTime();
        for (List<InputRecord> batch : batches) {
          store.stage.apply(connection, batch);
          connection.commit();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf("round %d: %.0f events/s%n", round, 20 * BATCH / seconds);
      }
    }
    ProfileInvariants.check(store.sql);
  }

  /** One in ten sets traits; all carry the properties and the context of a web shop, 600 bytes. */
  private static InputRecord draw(Random random, int message) {
    var home = profile(random.nextInt(PROFILES));
    String id = "3f2b8c1e-9d47-4c11-8a55-" + (100_000_000_000L + message);
    if (random.nextInt(10) == 0) {
      return identify(
          home,
          id,
          message,
          "{\"email\":\"p%d@example.org\",\"country\":\"DE\",\"plan\":\"pro\",\"age\":%d}"
              .formatted(message, random.nextInt(90)));
    }
    return event(
        home,
        "track",
        id,
        message,
        """
        ,"event":"Product Viewed","properties":{"product_id":"p-%d","price":%d.95,"currency":"EUR","category":\
        "Shoes","quantity":1},"context":{"ip":"203.0.113.7","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Gecko",\
        "page":{"url":"https://shop.example/p/%d","title":"A shoe","path":"/p/%d"},"library":{"name":"analytics.js",\
        "version":"2.1.0"}}\
        """
            .formatted(
                random.nextInt(500),
                random.nextInt(200),
                random.nextInt(500),
                random.nextInt(500)));
  }
}
