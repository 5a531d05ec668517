package io.tributary.ingestion.live;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.EventType;
import io.tributary.event.Ids;
import io.tributary.event.Topics;
import io.tributary.stream.InputRecord;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.LogReader;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Events as they come in. */
@RestController
@RequestMapping("/api/v1/event-stream")
class LiveEndpoint implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(LiveEndpoint.class);
  private static final List<String> TOPICS =
      List.of(Topics.INGESTION_EVENTS, Topics.INGESTION_REJECTED);
  private static final Duration LONGEST = Duration.ofMinutes(15);
  private static final Duration WAIT = Duration.ofMillis(500);
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(2);

  /** Watchers of one workspace; each has a reader of Kafka. */
  private static final int MAX_OF_WORKSPACE = 5;

  private static final int MAX = 20;

  /** Who looks on can't read more, and slow lines carry no more. */
  private static final int MOST_A_SECOND = 100;

  private final KafkaClients clients;
  private final DataSource dataSource;
  private final Map<String, String> watchers = new ConcurrentHashMap<>();
  private volatile boolean running;

  LiveEndpoint(KafkaClients clients, DataSource dataSource) {
    this.clients = clients;
    this.dataSource = dataSource;
  }

  @Override
  public void start() {
    running = true;
  }

  /** Lets all watchers go: they come again. */
  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /**
   * Streams events as they come in, as server-sent events: {@code accepted} with the event, {@code
   * refused} with its reasons (for a token with quarantine:read), and {@code skipped} with how many
   * weren't shown since there were more than 100 in a second. Ends after 15 minutes.
   *
   * @param outcome accepted or refused; both where nothing is said
   * @param source id of a source
   * @param type of the call, such as track
   * @param event name of a tracked event
   * @param userId of somebody
   * @param anonymousId of a device
   */
  @GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @RequiresScope(Scopes.PROFILES_READ)
  void watch(
      Caller caller,
      @RequestHeader(value = HttpHeaders.ACCEPT, required = false) @Nullable String accept,
      @RequestParam(required = false) @Nullable String outcome,
      @RequestParam(required = false) @Nullable String source,
      @RequestParam(required = false) @Nullable String type,
      @RequestParam(required = false) @Nullable String event,
      @RequestParam(required = false) @Nullable String userId,
      @RequestParam(required = false) @Nullable String anonymousId,
      HttpServletResponse response)
      throws IOException, SQLException {
    if (accept == null || !accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE)) {
      throw Problem.of(
          406, "event_stream_only", "This answer never ends; ask with Accept: text/event-stream.");
    }
    Faults faults = new Faults();
    faults.check(
        outcome == null || outcome.equals("accepted") || outcome.equals("refused"),
        "outcome",
        "invalid_value",
        "must be accepted or refused");
    faults.check(
        type == null || EventType.tryParse(type).isPresent(),
        "type",
        "invalid_value",
        "must be track, identify, page, screen, group or alias");
    faults.throwIfAny();
    if ("refused".equals(outcome)) {
      caller.require(Scopes.QUARANTINE_READ);
    }
    Watch watch =
        new Watch(
            caller.workspaceId(),
            caller.may(Scopes.QUARANTINE_READ) ? outcome : "accepted",
            source,
            type,
            event,
            userId,
            anonymousId);
    String id = Ids.create("wch");
    if (!enter(id, caller.workspaceId())) {
      throw Problem.of(
          429,
          "too_many_watchers",
          "A workspace may have "
              + MAX_OF_WORKSPACE
              + " event streams at one time; end one first.");
    }
    try (LogReader log = open(id)) {
      show(watch, log, response);
    } finally {
      watchers.remove(id);
    }
  }

  private synchronized boolean enter(String id, String workspaceId) {
    long others = watchers.values().stream().filter(workspaceId::equals).count();
    if (watchers.size() >= MAX || others >= MAX_OF_WORKSPACE) {
      return false;
    }
    watchers.put(id, workspaceId);
    return true;
  }

  private LogReader open(String id) throws SQLException {
    try {
      return LogReader.open(
          clients, dataSource, "ingestion", id, TOPICS, LogReader.ends(clients, TOPICS));
    } catch (KafkaException e) {
      throw Problem.unavailable(
          "log_unavailable", "Kafka doesn't answer; try again in a moment.", Duration.ofSeconds(2));
    }
  }

  private void show(Watch watch, LogReader log, HttpServletResponse response) throws IOException {
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding("UTF-8");
    response.setHeader("X-Accel-Buffering", "no"); // for nginx in between
    Screen screen = new Screen(response.getWriter());
    long end = System.nanoTime() + LONGEST.toNanos();
    try {
      while (running && System.nanoTime() < end && screen.isWatched()) {
        for (InputRecord record : log.next(500, WAIT)) {
          watch.of(record).ifPresent(screen::show);
        }
      }
    } catch (KafkaException e) {
      // It has begun, so there's no other answer: it ends, and whoever watches opens another one.
      LOG.warn("event-stream outcome=ended cause={}", e.getClass().getSimpleName());
    }
  }

  /** What is shown; of one second no more than can be read. */
  private static final class Screen {
    private final PrintWriter out;
    private long second = System.nanoTime();
    private long said = second;
    private int shown;
    private long skipped;
    private boolean fresh = true;

    Screen(PrintWriter out) {
      this.out = out;
      out.append(": watching\n\n");
    }

    void show(Watch.Sight sight) {
      turn();
      if (shown < MOST_A_SECOND) {
        out.append("event: ").append(sight.name()).append('\n');
        out.append("data: ").append(sight.data()).append("\n\n");
        shown++;
        fresh = true;
      } else {
        skipped++;
      }
    }

    private void turn() {
      long now = System.nanoTime();
      if (now - second > TimeUnit.SECONDS.toNanos(1)) {
        if (skipped > 0) {
          out.append("event: skipped\ndata: {\"events\":" + skipped + "}\n\n");
          fresh = true;
        }
        second = now;
        shown = 0;
        skipped = 0;
      }
    }

    /** Sends what there is, or a sign of life; false once nobody reads it any more. */
    boolean isWatched() {
      turn();
      if (System.nanoTime() - said > SIGN_OF_LIFE.toNanos() && !fresh) {
        out.append(": still here\n\n");
        fresh = true;
      }
      if (!fresh) {
        return true;
      }
      fresh = false;
      said = System.nanoTime();
      return !out.checkError(); // flushes
    }
  }
}
