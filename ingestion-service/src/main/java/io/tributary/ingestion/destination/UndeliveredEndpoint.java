package io.tributary.ingestion.destination;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.ProfileId;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What destinations were to be told, and weren't. */
@RestController
@RequestMapping("/api/v1/destinations/{id}/undelivered")
class UndeliveredEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(UndeliveredEndpoint.class);
  private static final int MAX_MESSAGES = 1_000;

  private final DestinationStore store;
  private final Clock clock;

  UndeliveredEndpoint(DestinationStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * Which undelivered messages.
   *
   * @param messages their ids, 1000 at most; all that failed where nothing is said
   */
  record WhichMessages(@Nullable List<@Nullable String> messages) {}

  /** How many messages that was. */
  record ManyMessages(int messages) {}

  /**
   * An undelivered message.
   *
   * @param message its id, as in the header webhook-id
   * @param attempts that failed while others got through
   * @param problem of the last attempt, such as status_400
   * @param since when it was first to be delivered
   * @param nextAttempt of one that waits
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UndeliveredAnswer(
      String message,
      String type,
      ProfileId profileId,
      int attempts,
      @Nullable String problem,
      Instant since,
      @Nullable Instant lastAttempt,
      @Nullable Instant nextAttempt) {
    static UndeliveredAnswer of(Letter letter) {
      return new UndeliveredAnswer(
          letter.message().id(),
          letter.message().type(),
          letter.message().profile(),
          letter.attempts(),
          letter.problem(),
          letter.madeAt(),
          letter.triedAt(),
          letter.waiting() ? letter.dueAt() : null);
    }
  }

  /**
   * Messages that are undelivered, the oldest first.
   *
   * @param state failed (not tried any more) or waiting
   */
  @GetMapping
  @RequiresScope(Scopes.DESTINATIONS_READ)
  Page<UndeliveredAnswer> undelivered(
      Caller caller,
      @PathVariable String id,
      @RequestParam(defaultValue = "failed") String state,
      PageQuery page) {
    require(caller, id);
    if (!state.equals("failed") && !state.equals("waiting")) {
      throw Problem.invalid("state", "invalid_value", "must be failed or waiting");
    }
    long after = page.after("undelivered", 1).map(cursor -> cursor.number(0)).orElse(0L);
    return Page.of(
            store.letters().undelivered(id, state.equals("waiting"), after, page.fetchSize()),
            page,
            each -> Cursor.of("undelivered", each.id()))
        .map(UndeliveredAnswer::of);
  }

  /** Tries undelivered messages again, at once; all of them where none are named. */
  @PostMapping("/retry")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  ManyMessages retry(
      Caller caller,
      @PathVariable String id,
      @RequestBody(required = false) @Nullable WhichMessages which) {
    require(caller, id);
    List<String> messages = messages(which);
    return changed(caller, id, "retry", _ -> store.letters().retry(id, messages, clock.instant()));
  }

  /** Forgets messages: those that are named, failed or waiting, or all that failed. */
  @PostMapping("/discard")
  @RequiresScope(Scopes.DESTINATIONS_WRITE)
  ManyMessages discard(
      Caller caller,
      @PathVariable String id,
      @RequestBody(required = false) @Nullable WhichMessages which) {
    require(caller, id);
    List<String> messages = messages(which);
    return changed(
        caller,
        id,
        "discard",
        _ -> {
          int gone = store.letters().discard(id, messages);
          store.counts().add(id, CountStore.Increment.discarded(gone), clock.instant());
          return gone;
        });
  }

  private static @Nullable List<String> messages(@Nullable WhichMessages which) {
    if (which == null || which.messages() == null) {
      return null;
    }
    Faults faults = new Faults();
    List<String> messages = faults.texts(which.messages(), "messages", MAX_MESSAGES, 100);
    faults.throwIfAny();
    return messages;
  }

  private void require(Caller caller, String id) {
    if (store.find(caller.workspaceId(), id).isEmpty()) {
      throw DestinationStore.unknown(id);
    }
  }

  /** Does something to the messages of a held destination that answers how many those were. */
  private ManyMessages changed(
      Caller caller, String id, String action, ToIntFunction<Destination> work) {
    AtomicInteger many = new AtomicInteger();
    store.change(caller.workspaceId(), id, held -> many.set(work.applyAsInt(held)));
    LOG.info(
        "destination={} action={} messages={} workspace={}",
        id,
        action,
        many.get(),
        caller.workspaceId());
    return new ManyMessages(many.get());
  }
}
