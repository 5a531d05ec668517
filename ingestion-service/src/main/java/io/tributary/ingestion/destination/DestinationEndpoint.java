package io.tributary.ingestion.destination;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.ingestion.admin.Changes;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.LogReader;
import io.tributary.stream.LogReader.Place;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Idempotency;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Other systems that are told of what happens here. */
@RestController
@RequestMapping("/api/v1/destinations")
class DestinationEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(DestinationEndpoint.class);
  private static final Instant LATEST = Instant.parse("3000-01-01T00:00:00Z");
  private static final Duration OLD_SECRET = Duration.ofHours(24);

  private final DestinationStore store;
  private final Receivers receivers;
  private final KafkaClients clients;
  private final Changes changes;
  private final Clock clock;

  DestinationEndpoint(
      DestinationStore store,
      Receivers receivers,
      KafkaClients clients,
      Changes changes,
      Clock clock) {
    this.store = store;
    this.receivers = receivers;
    this.clients = clients;
    this.changes = changes;
    this.clock = clock;
  }

  /**
   * A destination, and how it stands with it.
   *
   * @param state running, paused (by a person) or stopped (by itself)
   * @param problem why it was stopped: gone (the receiver answered 410) or too_many_failed
   * @param secret what webhooks are signed with; only in the answer that creates it
   * @param lag records of the log that it hasn't read yet; absent in lists, and without Kafka
   * @param lastFailure of the last attempt that failed, such as status_503 or connection_refused
   * @param total since it was created
   * @param last24Hours those of its last 24 hours; absent in lists
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DestinationAnswer(
      String id,
      Destination.State state,
      @Nullable String problem,
      DestinationDocument definition,
      @Nullable String secret,
      @Nullable Long lag,
      @Nullable Instant lastDeliveredAt,
      @Nullable Instant lastFailureAt,
      @Nullable String lastFailure,
      @Nullable DeliveryCounts total,
      @Nullable DeliveryCounts last24Hours,
      Instant createdAt,
      Instant updatedAt) {}

  /**
   * Counts of messages. received = filtered + retrying + failed + delivered + discarded, over all
   * time.
   *
   * @param received what it could have been told of
   * @param filtered left out by its filter, by consent, or since the person was suppressed or
   *     erased
   * @param retrying waiting for another attempt, now
   * @param failed that nobody tries again by himself, now
   * @param delivered that the receiver has confirmed
   * @param discarded taken away by a person, or since somebody was erased
   * @param attempts that were made
   * @param answerP95Ms within how many milliseconds 95 of 100 attempts were answered; rounded up
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DeliveryCounts(
      long received,
      long filtered,
      long retrying,
      long failed,
      long delivered,
      long discarded,
      long attempts,
      @Nullable Long answerP95Ms) {
    static DeliveryCounts of(CountStore.Counts counts) {
      return new DeliveryCounts(
          counts.received(),
          counts.filtered(),
          counts.retrying(),
          counts.failed(),
          counts.delivered(),
          counts.discarded(),
          counts.attempts(),
          counts.times().p95().isPresent() ? counts.times().p95().getAsLong() : null);
    }
  }

  /** A new secret; the one before signs as well until then. */
  record NewDestinationSecret(String secret, Instant previousUntil) {}

  /**
   * From when on everything is sent again.
   *
   * @param from a time such as 2026-01-01T00:00:00Z, or beginning
   */
  record Backfill(@Nullable String from) {}

  /**
   * What became of a test message.
   *
   * @param outcome delivered, refused, failed or gone
   * @param reason such as status_503 or address_not_allowed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TestAnswer(String outcome, @Nullable String reason, long tookMs) {}

  /**
   * Creates a destination; it's told of what happens from now on, and of the past by a backfill.
   */
  @PostMapping
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  ResponseEntity<DestinationAnswer> create(
      Caller caller, @RequestBody DestinationDocument wanted, HttpServletRequest request) {
    Idempotency.answerIsSecret(request);
    Faults faults = new Faults();
    Definition definition = receivers.checked(caller.workspaceId(), wanted, faults);
    receivers.checkSecret(wanted, faults);
    faults.throwIfAny();
    String id = Ids.create("dst");
    Receivers.NewSecret secret = receivers.secret(id, wanted);
    List<Place> places = kafka(() -> LogReader.ends(clients, definition.topics()));
    Destination made =
        changes.named(
            definition.name(),
            () ->
                store
                    .create(draft(caller, id, definition, wanted, secret.sealed()), places)
                    .orElseThrow(() ->
                        Problem.conflict(
                            "too_many_destinations",
                            "A workspace can have "
                                + DestinationStore.MAX
                                + " destinations; delete one first.")));
    changed(caller, id, "create");
    return ResponseEntity.created(URI.create("/api/v1/destinations/" + id))
        .eTag(IfMatch.etag(made.version()))
        .body(answer(made, secret.told()));
  }

  private Destination draft(
      Caller caller, String id, Definition definition, DestinationDocument wanted, String sealed) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return new Destination(
        id,
        caller.workspaceId(),
        definition.name(),
        Json.MAPPER.writeValueAsString(wanted.withoutSecrets()),
        sealed,
        null,
        null,
        Destination.State.RUNNING,
        null,
        0,
        0,
        null,
        null,
        null,
        0,
        now,
        now);
  }

  /** All destinations, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.DESTINATIONS_READ)
  Page<DestinationAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("destinations", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            store.page(caller.workspaceId(), after, page.fetchSize()),
            page,
            each -> Cursor.of("destinations", each.id()))
        .map(each -> answer(each, null, null, null));
  }

  /** A destination, and how it stands with it. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.DESTINATIONS_READ)
  ResponseEntity<DestinationAnswer> read(Caller caller, @PathVariable String id) {
    return answered(find(caller, id));
  }

  /**
   * Defines a destination anew, within a second or two; what waits is sent as it was made, but
   * states as they are.
   */
  @PutMapping("/{id}")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  ResponseEntity<DestinationAnswer> replace(
      Caller caller,
      @PathVariable String id,
      IfMatch ifMatch,
      @RequestBody DestinationDocument wanted) {
    Destination before = find(caller, id);
    List<String> known = before.document().topics();
    Definition definition = checked(caller, wanted);
    receivers.another(before, wanted, definition);
    List<String> anew =
        definition.topics().stream().filter(topic -> !known.contains(topic)).toList();
    List<Place> ends = anew.isEmpty() ? List.of() : kafka(() -> LogReader.ends(clients, anew));
    Destination made =
        changes.named(
            definition.name(),
            () ->
                store.change(
                    caller.workspaceId(),
                    id,
                    held -> {
                      ifMatch.require(held.version());
                      store.redefine(
                          id,
                          definition.name(),
                          Json.MAPPER.writeValueAsString(wanted.withoutSecrets()),
                          receivers.another(held, wanted, definition).orElse(held.secret()),
                          clock.instant());
                      if (!ends.isEmpty()) {
                        // What it wasn't told of before it's told of from now on.
                        store.rewind(id, ends);
                      }
                    }));
    changed(caller, id, "replace");
    return answered(made);
  }

  /** Deletes a destination with all that is undelivered. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id) {
    store.change(caller.workspaceId(), id, _ -> store.delete(id));
    changed(caller, id, "delete");
  }

  /** Delivers nothing until it's resumed; what happens meanwhile is delivered then. */
  @PostMapping("/{id}/pause")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  DestinationAnswer pause(Caller caller, @PathVariable String id) {
    return turn(caller, id, Destination.State.PAUSED);
  }

  /**
   * Goes on where it was paused, or was stopped by itself; with too many failed messages it soon
   * stops again, unless those are retried or discarded first.
   */
  @PostMapping("/{id}/resume")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  DestinationAnswer resume(Caller caller, @PathVariable String id) {
    return turn(caller, id, Destination.State.RUNNING);
  }

  private DestinationAnswer turn(Caller caller, String id, Destination.State state) {
    Destination made =
        store.change(
            caller.workspaceId(),
            id,
            held -> {
              if (held.state() != state) {
                store.turn(id, state, clock.instant());
              }
            });
    changed(caller, id, state.wire());
    return answer(made, null);
  }

  /** Signs with a new secret; for a day the one before signs as well, but none before that. */
  @PostMapping("/{id}/secret")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  NewDestinationSecret rotate(Caller caller, @PathVariable String id, HttpServletRequest request) {
    Idempotency.answerIsSecret(request);
    if (!find(caller, id).document().isSigned()) {
      throw Problem.conflict(
          "no_signing_secret",
          "This destination signs nothing; its password or secret is changed by PUT.");
    }
    Receivers.NewSecret secret = receivers.signing(id);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    store.change(
        caller.workspaceId(),
        id,
        _ -> store.resecret(id, secret.sealed(), now.plus(OLD_SECRET), now));
    changed(caller, id, "rotate");
    return new NewDestinationSecret(String.valueOf(secret.told()), now.plus(OLD_SECRET));
  }

  /**
   * Sends again, in its order, all that the log has from a time on, with the same message ids; then
   * it goes on with what happens. Erased and suppressed people are left out.
   */
  @PostMapping("/{id}/backfill")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  @ResponseStatus(HttpStatus.ACCEPTED)
  DestinationAnswer backfill(Caller caller, @PathVariable String id, @RequestBody Backfill wanted) {
    Destination found = find(caller, id);
    Instant from = from(wanted.from());
    List<Place> places = kafka(() -> LogReader.since(clients, found.document().topics(), from));
    Destination made = store.change(caller.workspaceId(), id, _ -> store.rewind(id, places));
    changed(caller, id, "backfill");
    return answer(made, null);
  }

  private static Instant from(@Nullable String text) {
    if ("beginning".equals(text)) {
      return Instant.EPOCH;
    }
    try {
      Instant from = Instant.parse(String.valueOf(text));
      if (from.isAfter(Instant.EPOCH) && from.isBefore(LATEST)) {
        return from;
      }
    } catch (DateTimeParseException e) {
      // Told below.
    }
    throw Problem.invalid(
        "from",
        text == null ? "required" : "invalid",
        "must be a time such as 2026-01-01T00:00:00Z, or beginning");
  }

  /**
   * Sends a message of the type test at once, and tells what came of it. Into tables nothing is
   * written, but those that are missing are made; of the kind http only the host is asked whether
   * it answers.
   */
  @PostMapping("/{id}/test")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  TestAnswer test(Caller caller, @PathVariable String id) {
    Destination found = find(caller, id);
    byte[] data =
        Json.MAPPER.writeValueAsBytes(
            Json.MAPPER.createObjectNode().put("destinationId", id).put("name", found.name()));
    ProfileId nobody = ProfileId.create();
    Message message =
        Message.of(
            Message.id(id, "test", Ids.create("tst")),
            nobody,
            nobody,
            "test",
            clock.instant(),
            data);
    long began = System.nanoTime();
    Outcome outcome = tested(found, message);
    long took = Duration.ofNanos(System.nanoTime() - began).toMillis();
    return switch (outcome) {
      case Outcome.Delivered _ -> new TestAnswer("delivered", null, took);
      case Outcome.Refused(String reason) -> new TestAnswer("refused", reason, took);
      case Outcome.Deferred(String reason, Optional<Duration> _, boolean _) ->
          new TestAnswer("failed", reason, took);
      case Outcome.Gone _ -> new TestAnswer("gone", "status_410", took);
      case Outcome.Untried _, Outcome.Unwanted _ ->
          throw new IllegalStateException("a receiver always tries");
    };
  }

  private Outcome tested(Destination found, Message message) {
    try (Receiver receiver =
        receivers
            .of(found)
            .map(Receivers.Made::receiver)
            .orElseThrow(() ->
                Problem.conflict(
                    "unreadable", "This server can't read the destination; see its log."))) {
      return receiver.test(message);
    }
  }

  private Definition checked(Caller caller, DestinationDocument wanted) {
    Faults faults = new Faults();
    Definition definition = receivers.checked(caller.workspaceId(), wanted, faults);
    faults.throwIfAny();
    return definition;
  }

  private Destination find(Caller caller, String id) {
    return store.find(caller.workspaceId(), id).orElseThrow(() -> DestinationStore.unknown(id));
  }

  private static <T> T kafka(Supplier<T> question) {
    try {
      return question.get();
    } catch (KafkaException e) {
      throw Problem.unavailable(
          "log_unavailable", "Kafka doesn't answer; try again in a moment.", Duration.ofSeconds(2));
    }
  }

  private static void changed(Caller caller, String id, String action) {
    LOG.info("destination={} action={} workspace={}", id, action, caller.workspaceId());
  }

  private ResponseEntity<DestinationAnswer> answered(Destination found) {
    return ResponseEntity.ok().eTag(IfMatch.etag(found.version())).body(answer(found, null));
  }

  private DestinationAnswer answer(Destination found, @Nullable String secret) {
    Instant yesterday = clock.instant().minus(Duration.ofHours(24));
    return answer(
        found, secret, lag(found), DeliveryCounts.of(store.counts().since(found.id(), yesterday)));
  }

  private @Nullable Long lag(Destination found) {
    try {
      return LogReader.behind(clients, found.document().topics(), store.places(found.id()));
    } catch (KafkaException e) {
      return null;
    }
  }

  private DestinationAnswer answer(
      Destination found,
      @Nullable String secret,
      @Nullable Long lag,
      @Nullable DeliveryCounts last24Hours) {
    return new DestinationAnswer(
        found.id(),
        found.state(),
        found.problem(),
        found.document(),
        secret,
        lag,
        found.deliveredAt(),
        found.failedAt(),
        found.failure(),
        DeliveryCounts.of(store.counts().since(found.id(), Instant.EPOCH)),
        last24Hours,
        found.createdAt(),
        found.updatedAt());
  }
}
