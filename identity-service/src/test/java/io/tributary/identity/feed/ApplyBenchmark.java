package io.tributary.identity.feed;

import static io.tributary.identity.Identities.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.identity.GraphInvariants;
import io.tributary.identity.Identities;
import io.tributary.stream.InputRecord;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many events one thread applies per second, on the tests' Postgres (durability off): 80 % of
 * known people, 20 % of new visitors. Not among the tests; run it by name with {@code
 * -Dtest=ApplyBenchmark}.
 */
class ApplyBenchmark {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyBenchmark.class);
  private static final int PEOPLE = 20_000;
  private static final String CONTEXT =
      """
      {"ip":"203.0.113.7","library":{"name":"analytics.js","version":"2.1.0"},"locale":"de-DE",\
      "page":{"path":"/products/shoes","referrer":"https://www.example.com/","search":"?color=red",\
      "title":"Shoes","url":"https://shop.example.com/products/shoes?color=red"},\
      "userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"}\
      """;
  private final Identities identities = Identities.createApart();
  private final Random random = new Random(1);
  private int visitors;

  private Identities.Draft known() {
    int person = random.nextInt(PEOPLE);
    Identities.Draft draft =
        event().context(CONTEXT).at(random.nextInt(1000)).device("device-" + person);
    return random.nextInt(8) < 3 ? draft.user("user-" + person) : draft;
  }

  private Identities.Draft mixed() {
    return random.nextInt(10) < 8
        ? known()
        : event().context(CONTEXT).at(random.nextInt(1000)).device("visitor-" + visitors++);
  }

  private double rate(int batches, int size, Supplier<Identities.Draft> drafts) throws Exception {
    List<List<InputRecord>> all = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      List<InputRecord> batch = new ArrayList<>(size);
      for (int n = 0; n < size; n++) {
        batch.add(identities.record(drafts.get()));
      }
      all.add(batch);
    }
    IdentityFeed feed = identities.newFeed();
    try (Connection connection = identities.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      for (List<InputRecord> batch : all.subList(0, 5)) {
        feed.apply(connection, batch);
        connection.commit();
      }
      long began = System.nanoTime();
      long java = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long postgres = backendTicks(connection);
      for (List<InputRecord> batch : all.subList(5, batches)) {
        feed.apply(connection, batch);
        connection.commit();
      }
      double events = (batches - 5) * (double) size;
      LOG.info(
          "benchmark=apply batch={} javaMicrosPerEvent={} postgresMicrosPerEvent={}",
          size,
          Math.round(
              (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - java)
                  / events
                  / 1e3),
          Math.round((backendTicks(connection) - postgres) * 1e4 / events));
      return events / ((System.nanoTime() - began) / 1e9);
    }
  }

  /**
   * CPU time of the connection's server process in hundredths of a second; 0 where it's elsewhere.
   */
  private static long backendTicks(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      Path stat = Path.of("/proc", String.valueOf(row.getInt(1)), "stat");
      if (!Files.isReadable(stat)) {
        return 0;
      }
      String[] fields = Files.readString(stat).replaceFirst(".*\\) ", "").split(" ");
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
  }

  @Test
  void appliesBatches() throws Exception {
    int[] person = {0};
    double first =
        rate(
            PEOPLE / 1000,
            1000,
            () -> {
              int id = person[0]++;
              return event().context(CONTEXT).user("user-" + id).device("device-" + id);
            });
    LOG.info("benchmark=apply case=all-new batch=1000 eventsPerSecond={}", Math.round(first));
    identities.sql().sql("analyze").update();
    for (int size : new int[] {500, 1000, 500, 1000}) {
      double rate = rate(5 + 30_000 / size, size, this::mixed);
      LOG.info("benchmark=apply case=mixed batch={} eventsPerSecond={}", size, Math.round(rate));
      assertThat(rate).isPositive();
    }
    double known = rate(45, 1000, this::known);
    LOG.info("benchmark=apply case=all-known batch=1000 eventsPerSecond={}", Math.round(known));
    GraphInvariants.check(identities);
  }
}
