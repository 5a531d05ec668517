package io.tributary.campaign.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.journey.Eligibility;
import io.tributary.campaign.send.SuppressionLog;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.store.SuppressionStore.Suppression;
import io.tributary.stream.Ledger;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Addresses that get nothing more. What is answered is committed. */
@RestController
@RequestMapping("/api/v1/suppressions")
public class SuppressionEndpoint {
  private static final int MAX_REASON = 200;
  private final SuppressionStore suppressions;
  private final SuppressionLog log;
  private final TransactionTemplate transaction;
  private final Clock clock;

  /** The endpoint. */
  public SuppressionEndpoint(
      SuppressionStore suppressions,
      SuppressionLog log,
      TransactionTemplate transaction,
      Clock clock) {
    this.suppressions = suppressions;
    this.log = log;
    this.transaction = transaction;
    this.clock = clock;
  }

  /**
   * An address to suppress.
   *
   * @param channel email
   * @param reason for people; "manual" where nothing is said
   */
  public record NewSuppression(
      @Nullable String channel, @Nullable String address, @Nullable String reason) {
    @Override
    public String toString() {
      return "NewSuppression[" + channel + "]";
    }
  }

  /**
   * A suppressed address.
   *
   * @param address absent once its person was erased; it stays suppressed by its hash
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SuppressionAnswer(
      String id, String channel, @Nullable String address, String reason, Instant createdAt) {
    static SuppressionAnswer from(Suppression suppression) {
      return new SuppressionAnswer(
          suppression.id(),
          suppression.channel().wire(),
          suppression.address(),
          suppression.reason(),
          suppression.createdAt());
    }

    @Override
    public String toString() {
      return "SuppressionAnswer[" + id + "]";
    }
  }

  /** Suppresses an address: no send to it is claimed once this is answered. */
  @PostMapping
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<SuppressionAnswer> create(Caller caller, @RequestBody NewSuppression wanted) {
    Faults faults = new Faults();
    faults.check(
        "email".equals(wanted.channel()),
        "channel",
        wanted.channel() == null ? "required" : "invalid_value",
        "must be email");
    String address = faults.text(wanted.address(), "address", 254);
    faults.check(
        address.isEmpty() || Eligibility.isEmailAddress(address),
        "address",
        "invalid_value",
        "must be a mail address");
    String reason =
        wanted.reason() == null ? "manual" : faults.text(wanted.reason(), "reason", MAX_REASON);
    faults.throwIfAny();
    String workspace = caller.workspaceId();
    byte[] hash = suppressions.hash(workspace, Channel.EMAIL, address);
    Suppression stored =
        Objects.requireNonNull(
            transaction.execute(status ->
                suppressions.add(
                    workspace, Channel.EMAIL, hash, address, reason, clock.instant())));
    logged(() -> log.added(workspace, stored, hash));
    return ResponseEntity.created(URI.create("/api/v1/suppressions/" + stored.id()))
        .body(SuppressionAnswer.from(stored));
  }

  /**
   * Suppressed addresses, the oldest first. Addresses are kept as keyed hashes only.
   *
   * @param address asks for this address alone
   */
  @GetMapping
  @RequiresScope(Scopes.CAMPAIGNS_READ)
  Page<SuppressionAnswer> list(
      Caller caller, PageQuery page, @RequestParam(required = false) @Nullable String address) {
    String workspace = caller.workspaceId();
    byte[] hash = address == null ? null : suppressions.hash(workspace, Channel.EMAIL, address);
    String after = page.after("suppressions", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            suppressions.page(workspace, hash, after, page.fetchSize()),
            page,
            suppression -> Cursor.of("suppressions", suppression.id()))
        .map(SuppressionAnswer::from);
  }

  /** Lifts a suppression: the address gets mails again. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id) {
    if (suppressions.remove(caller.workspaceId(), id).isEmpty()) {
      throw Problem.notFound("There is no suppression " + id + ".");
    }
    logged(() -> log.lifted(caller.workspaceId(), id));
  }

  /** What isn't written down could be forgotten by a restore, so it isn't answered as done. */
  private static void logged(Runnable append) {
    try {
      append.run();
    } catch (Ledger.NotLogged e) {
      throw Problem.of(
              503,
              "log_unavailable",
              "Kafka doesn't answer, so this isn't written down yet. Send the request again.")
          .retryAfter(Duration.ofSeconds(2));
    }
  }
}
