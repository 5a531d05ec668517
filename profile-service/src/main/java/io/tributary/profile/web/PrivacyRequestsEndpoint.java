package io.tributary.profile.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.ProfileId;
import io.tributary.profile.privacy.PrivacyRequest;
import io.tributary.profile.privacy.PrivacyRequest.Kind;
import io.tributary.profile.privacy.PrivacyRequest.State;
import io.tributary.profile.privacy.PrivacyRequests;
import io.tributary.profile.privacy.PrivacyWorker;
import io.tributary.profile.store.ExportStore;
import io.tributary.profile.store.Identifiers;
import io.tributary.profile.store.PrivacyStore;
import io.tributary.stream.Ledger;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Suppression, export and erasure of a person, named by any identifier. */
@RestController
@RequestMapping("/api/v1/privacy-requests")
@RequiresScope(Scopes.PRIVACY_WRITE)
public class PrivacyRequestsEndpoint {
  private static final String LIST = "privacy-requests";

  private final PrivacyRequests requests;
  private final PrivacyWorker worker;
  private final PrivacyStore store;
  private final ExportStore exports;
  private final Identifiers identifiers;

  /** Hands requests over and shows how far they are. */
  public PrivacyRequestsEndpoint(
      PrivacyRequests requests,
      PrivacyWorker worker,
      PrivacyStore store,
      ExportStore exports,
      Identifiers identifiers) {
    this.requests = requests;
    this.worker = worker;
    this.store = store;
    this.exports = exports;
    this.identifiers = identifiers;
  }

  /** Names a person by an identifier such as an e-mail address. */
  public record IdentifierRef(@Nullable String type, @Nullable String value) {}

  /**
   * What is asked for.
   *
   * @param identifier names the person; or else give {@code profileId}
   */
  public record PrivacyOrder(
      @Nullable Kind kind, @Nullable IdentifierRef identifier, @Nullable String profileId) {}

  /** How far a service is with an erasure. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ServiceState(String service, State state, @Nullable Instant doneAt) {}

  /**
   * A privacy request.
   *
   * @param services who has to delete, and who has; for erasures
   * @param download where the export lies, for seven days
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PrivacyAnswer(
      String id,
      Kind kind,
      ProfileId profileId,
      State state,
      Instant at,
      @Nullable Instant finishedAt,
      @Nullable List<ServiceState> services,
      @Nullable String download) {}

  /** Accepts a request. Blocks hold, and an erased profile is gone, when the answer comes. */
  @PostMapping
  ResponseEntity<PrivacyAnswer> create(Caller caller, @RequestBody PrivacyOrder order)
      throws SQLException {
    Faults faults = new Faults();
    Kind kind = faults.required(order.kind(), "kind");
    faults.check(
        (order.identifier() == null) != (order.profileId() == null),
        "identifier",
        "required",
        "name the person by either identifier or profileId");
    faults.throwIfAny();
    if (kind == null) {
      throw new IllegalStateException("unreachable: kind was checked");
    }
    PrivacyRequest request =
        accept(caller, kind, person(caller, order)).orElseThrow(PrivacyRequestsEndpoint::nobody);
    worker.wake();
    return ResponseEntity.status(request.state() == State.DONE ? 201 : 202)
        .location(URI.create("/api/v1/privacy-requests/" + request.id()))
        .body(answer(request));
  }

  private Optional<PrivacyRequest> accept(Caller caller, Kind kind, ProfileId person)
      throws SQLException {
    try {
      return requests.accept(caller.workspaceId(), kind, person, caller.tokenId());
    } catch (Ledger.NotLogged e) {
      throw Problem.of(
              503,
              "log_unavailable",
              "Kafka doesn't answer, so the request can't be written down. Nothing was done; send it again.")
          .retryAfter(Duration.ofSeconds(2));
    }
  }

  private ProfileId person(Caller caller, PrivacyOrder order) {
    IdentifierRef ref = order.identifier();
    if (ref == null) {
      return ProfileId.tryParse(String.valueOf(order.profileId()))
          .orElseThrow(() ->
              Problem.invalid("profileId", "invalid_value", "must be prf_ and 32 hex digits"));
    }
    Faults faults = new Faults();
    String type = faults.text(ref.type(), "identifier.type", 120);
    String value = faults.text(ref.value(), "identifier.value", 500);
    faults.throwIfAny();
    IdentifierQuery query = IdentifierQuery.of(type, value);
    return identifiers
        .holder(caller.workspaceId(), query.type(), query.value(), null)
        .orElseThrow(PrivacyRequestsEndpoint::nobody);
  }

  private static Problem nobody() {
    return Problem.notFound(
        "There is no such person. If the events were sent a moment ago, wait until they are visible.");
  }

  /** One request with its state. */
  @GetMapping("/{id}")
  PrivacyAnswer get(Caller caller, @PathVariable String id) {
    return answer(require(caller, id));
  }

  /** Requests, the latest first. */
  @GetMapping
  Page<PrivacyAnswer> list(Caller caller, PageQuery page) {
    return Page.of(
            requests.list(
                caller.workspaceId(),
                page.after(LIST, 1).map(cursor -> cursor.text(0)).orElse(null),
                page.fetchSize()),
            page,
            last -> Cursor.of(LIST, last.id()))
        .map(this::answer);
  }

  /** The export: one JSON document with everything that is held about the person. */
  @GetMapping(path = "/{id}/download", produces = "application/json")
  void download(Caller caller, @PathVariable String id, HttpServletResponse response)
      throws IOException {
    PrivacyRequest request = require(caller, id);
    if (request.kind() != Kind.EXPORT) {
      throw Problem.conflict("no_export", "Only requests of kind export can be downloaded.");
    }
    if (request.state() != State.DONE) {
      throw Problem.conflict(
              "not_ready", "The export is still being written. Ask again in a moment.")
          .retryAfter(Duration.ofSeconds(1));
    }
    if (!exports.exists(caller.workspaceId(), id)) {
      throw Problem.of(
          410,
          "export_expired",
          "Exports are kept for seven days, or until the person is erased. Request another one.");
    }
    response.setContentType("application/json");
    response.setHeader("Content-Disposition", "attachment; filename=\"" + id + ".json\"");
    response.setHeader("Cache-Control", "no-store");
    exports.copy(caller.workspaceId(), id, response.getOutputStream());
  }

  private PrivacyRequest require(Caller caller, String id) {
    return requests
        .find(caller.workspaceId(), id)
        .orElseThrow(() -> Problem.notFound("There is no such privacy request."));
  }

  private PrivacyAnswer answer(PrivacyRequest request) {
    boolean ready = request.kind() == Kind.EXPORT && request.state() == State.DONE;
    return new PrivacyAnswer(
        request.id(),
        request.kind(),
        request.profileId(),
        request.state(),
        request.at(),
        request.finishedAt(),
        request.kind() == Kind.ERASE ? services(request) : null,
        ready ? "/api/v1/privacy-requests/" + request.id() + "/download" : null);
  }

  private List<ServiceState> services(PrivacyRequest request) {
    List<ServiceState> services = new ArrayList<>();
    boolean own = request.state() == State.WAITING || request.state() == State.DONE;
    services.add(new ServiceState("profile", own ? State.DONE : request.state(), null));
    store
        .receipts(request.workspaceId(), request.id())
        .forEach((service, done) ->
            services.add(
                new ServiceState(
                    service, done.isPresent() ? State.DONE : State.PENDING, done.orElse(null))));
    return services;
  }
}
