package io.tributary.campaign.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.campaign.admin.CampaignAdmin;
import io.tributary.campaign.admin.CampaignAdmin.Stored;
import io.tributary.campaign.admin.CampaignDraft;
import io.tributary.campaign.admin.CampaignDraft.ChannelDraft;
import io.tributary.campaign.admin.CampaignDraft.TriggerDraft;
import io.tributary.campaign.journey.CampaignState.Action;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.journey.DeliveryState;
import io.tributary.campaign.journey.Eligibility;
import io.tributary.campaign.journey.SendResult;
import io.tributary.campaign.send.Courier;
import io.tributary.campaign.send.TestSend;
import io.tributary.campaign.store.DeliveryStore;
import io.tributary.event.ProfileId;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Idempotency;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Campaigns: definitions, their life, test sends, deliveries and results. */
@RestController
@RequestMapping("/api/v1/campaigns")
public class CampaignEndpoint {
  private final CampaignAdmin admin;
  private final DeliveryStore deliveries;
  private final TestSend tests;

  /** The endpoint. */
  public CampaignEndpoint(CampaignAdmin admin, DeliveryStore deliveries, TestSend tests) {
    this.admin = admin;
    this.deliveries = deliveries;
    this.tests = tests;
  }

  /**
   * A campaign.
   *
   * @param state draft, active, paused, stopped or finished
   * @param stateReason why it's in this state, where nobody put it there
   * @param webhookSecret signs the webhooks; only in the answer that creates the campaign
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CampaignAnswer(
      String id,
      @Nullable String name,
      @Nullable TriggerDraft trigger,
      @Nullable ChannelDraft channel,
      @Nullable String consentCategory,
      String state,
      @Nullable String stateReason,
      Instant createdAt,
      Instant updatedAt,
      @Nullable Instant activatedAt,
      @Nullable String webhookSecret) {
    static CampaignAnswer from(Stored stored) {
      return new CampaignAnswer(
          stored.id(),
          stored.draft().name(),
          stored.draft().trigger(),
          stored.draft().channel(),
          stored.draft().consentCategory(),
          stored.state().wire(),
          stored.stateReason(),
          stored.createdAt(),
          stored.updatedAt(),
          stored.activatedAt(),
          stored.secret());
    }

    @Override
    public String toString() {
      return "CampaignAnswer[" + id + "]";
    }
  }

  /**
   * What to try a campaign with.
   *
   * @param address where to send the mail
   * @param profileId whose data to fill in
   * @param traits made-up data instead
   * @param event a made-up event
   */
  public record TestRequest(
      @Nullable String address,
      @Nullable String profileId,
      @Nullable JsonNode traits,
      @Nullable JsonNode event) {
    @Override
    public String toString() {
      return "TestRequest[" + profileId + "]";
    }
  }

  /**
   * What became of a test send.
   *
   * @param outcome accepted, or a reason
   * @param detail the provider's code
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TestAnswer(
      boolean accepted,
      String outcome,
      String detail,
      @Nullable String subject,
      @Nullable String messageId) {
    static TestAnswer from(Courier.Sent sent) {
      return switch (sent.result()) {
        case SendResult.Accepted(String detail) -> of(sent, true, "accepted", detail);
        case SendResult.Refused(String reason, String detail, boolean _) ->
            of(sent, false, reason, detail);
        case SendResult.Deferred(String reason, String detail) -> of(sent, false, reason, detail);
        case SendResult.Unknown(String reason, String detail) -> of(sent, false, reason, detail);
        case SendResult.Impossible(String reason, String detail) -> of(sent, false, reason, detail);
        case SendResult.EndpointGone(String detail) -> of(sent, false, "endpoint_gone", detail);
      };
    }

    private static TestAnswer of(
        Courier.Sent sent, boolean accepted, String outcome, String detail) {
      return new TestAnswer(accepted, outcome, detail, sent.subject(), sent.messageId());
    }

    @Override
    public String toString() {
      return "TestAnswer[" + outcome + "]";
    }
  }

  /**
   * A campaign's results.
   *
   * @param counts deliveries by state, and how many were opened, clicked and unsubscribed from
   * @param outcomes why deliveries ended or wait as they do
   */
  public record Results(Map<String, Long> counts, Map<String, Long> outcomes) {}

  /** Creates a campaign as a draft; nothing is sent until it is started. */
  @PostMapping
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<CampaignAnswer> create(
      Caller caller, @RequestBody CampaignDraft draft, HttpServletRequest request) {
    Stored stored = admin.create(caller.workspaceId(), draft);
    if (stored.secret() != null) {
      Idempotency.answerIsSecret(request);
    }
    return ResponseEntity.created(URI.create("/api/v1/campaigns/" + stored.id()))
        .eTag(IfMatch.etag(stored.version()))
        .body(CampaignAnswer.from(stored));
  }

  /** All campaigns, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.CAMPAIGNS_READ)
  Page<CampaignAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("campaigns", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            admin.list(caller.workspaceId(), after, page.fetchSize()),
            page,
            stored -> Cursor.of("campaigns", stored.id()))
        .map(CampaignAnswer::from);
  }

  /** A campaign, its version in the ETag. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.CAMPAIGNS_READ)
  ResponseEntity<CampaignAnswer> read(Caller caller, @PathVariable String id) {
    return answer(admin.read(caller.workspaceId(), id));
  }

  /** Replaces the definition of a draft, or the texts of a paused campaign. */
  @PutMapping("/{id}")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<CampaignAnswer> replace(
      Caller caller, @PathVariable String id, IfMatch ifMatch, @RequestBody CampaignDraft draft) {
    return answer(admin.replace(caller.workspaceId(), id, ifMatch, draft));
  }

  /** Deletes a campaign that is not under way; its deliveries stay. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id, IfMatch ifMatch) {
    admin.delete(caller.workspaceId(), id, ifMatch);
  }

  /**
   * Starts a draft. Triggers from now on count; a campaign with the trigger once is sent to all
   * members.
   */
  @PostMapping("/{id}/start")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<CampaignAnswer> start(Caller caller, @PathVariable String id) {
    return answer(admin.act(caller.workspaceId(), id, Action.START));
  }

  /** Pauses: nothing more is sent, triggers are remembered until it is resumed. */
  @PostMapping("/{id}/pause")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<CampaignAnswer> pause(Caller caller, @PathVariable String id) {
    return answer(admin.act(caller.workspaceId(), id, Action.PAUSE));
  }

  /** Resumes a paused campaign, with what was triggered meanwhile. */
  @PostMapping("/{id}/resume")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<CampaignAnswer> resume(Caller caller, @PathVariable String id) {
    return answer(admin.act(caller.workspaceId(), id, Action.RESUME));
  }

  /** Stops for good; what has not been sent is skipped. */
  @PostMapping("/{id}/stop")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  ResponseEntity<CampaignAnswer> stop(Caller caller, @PathVariable String id) {
    return answer(admin.act(caller.workspaceId(), id, Action.STOP));
  }

  /** Sends one message now, with the data of a profile or made-up data; counts nowhere. */
  @PostMapping("/{id}/test")
  @RequiresScope(Scopes.CAMPAIGNS_WRITE)
  TestAnswer test(Caller caller, @PathVariable String id, @RequestBody TestRequest wanted) {
    boolean mail =
        admin.read(caller.workspaceId(), id).definition().message().channel() == Channel.EMAIL;
    Faults faults = new Faults();
    String address = wanted.address();
    if (mail) {
      faults.check(
          address != null && Eligibility.isEmailAddress(address),
          "address",
          address == null ? "required" : "invalid_value",
          "must be a mail address, where the test is sent");
    } else {
      faults.check(
          address == null, "address", "not_allowed", "has no meaning with the webhook channel");
    }
    faults.check(
        wanted.profileId() == null || wanted.traits() == null,
        "traits",
        "not_allowed",
        "can't be given together with profileId");
    isObject(wanted.traits(), "traits", faults);
    isObject(wanted.event(), "event", faults);
    Optional<ProfileId> profile =
        Optional.ofNullable(wanted.profileId()).flatMap(ProfileId::tryParse);
    faults.check(
        wanted.profileId() == null || profile.isPresent(),
        "profileId",
        "invalid_value",
        "must be a profile id, prf_…");
    faults.throwIfAny();
    TestSend.Data data =
        profile
            .<TestSend.Data>map(TestSend.Data.Of::new)
            .orElseGet(() -> new TestSend.Data.Sample(wanted.traits()));
    return TestAnswer.from(tests.send(caller.workspaceId(), id, address, data, wanted.event()));
  }

  private static void isObject(@Nullable JsonNode node, String path, Faults faults) {
    faults.check(node == null || node.isObject(), path, "wrong_type", "must be an object");
  }

  /**
   * Deliveries of the campaign, the latest first.
   *
   * @param state only those in this state: bounced, claimed, failed, pending, sent, skipped or
   *     uncertain
   */
  @GetMapping("/{id}/deliveries")
  @RequiresScope(Scopes.CAMPAIGNS_READ)
  Page<DeliveryStore.Delivery> deliveries(
      Caller caller,
      @PathVariable String id,
      PageQuery page,
      @RequestParam(required = false) @Nullable String state) {
    admin.read(caller.workspaceId(), id);
    if (state != null
        && Arrays.stream(DeliveryState.values()).noneMatch(s -> s.wire().equals(state))) {
      throw Problem.invalid(
          "state",
          "invalid_value",
          "must be one of bounced, claimed, failed, pending, sent, skipped, uncertain");
    }
    String before = page.after("deliveries", 1).map(cursor -> cursor.text(0)).orElse("dlv_~");
    return Page.of(
        deliveries.page(caller.workspaceId(), id, state, before, page.fetchSize()),
        page,
        delivery -> Cursor.of("deliveries", delivery.id()));
  }

  /** How many deliveries are in which state, and why; opened, clicked, unsubscribed. */
  @GetMapping("/{id}/results")
  @RequiresScope(Scopes.CAMPAIGNS_READ)
  Results results(Caller caller, @PathVariable String id) {
    admin.read(caller.workspaceId(), id);
    return new Results(
        deliveries.counts(caller.workspaceId(), id), deliveries.outcomes(caller.workspaceId(), id));
  }

  private static ResponseEntity<CampaignAnswer> answer(Stored stored) {
    return ResponseEntity.ok()
        .eTag(IfMatch.etag(stored.version()))
        .body(CampaignAnswer.from(stored));
  }
}
