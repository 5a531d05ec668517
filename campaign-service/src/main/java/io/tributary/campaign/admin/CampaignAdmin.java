package io.tributary.campaign.admin;

import io.tributary.access.SecretBox;
import io.tributary.campaign.journey.CampaignState;
import io.tributary.campaign.journey.CampaignState.Action;
import io.tributary.campaign.journey.Channel;
import io.tributary.event.Ids;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import io.tributary.webhook.WebhookSecret;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.orm.ObjectOptimisticLockingFailureException;
import org.springframework.transaction.support.TransactionTemplate;

/** Changes campaigns, one transaction each. */
public final class CampaignAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(CampaignAdmin.class);
  private final CampaignRows rows;
  private final RunRows runs;
  private final DefinitionCheck check;
  private final boolean canMail;
  private final SecretBox box;
  private final TransactionTemplate transaction;
  private final Clock clock;

  /** Starts the enrollment of a campaign that is sent once; in the transaction at hand. */
  @FunctionalInterface
  public interface RunRows {
    /** Inserts the run. */
    void start(String workspaceId, String campaignId, String segmentId, Instant at);
  }

  CampaignAdmin(
      CampaignRows rows,
      RunRows runs,
      DefinitionCheck check,
      boolean canMail,
      SecretBox box,
      TransactionTemplate transaction,
      Clock clock) {
    this.rows = rows;
    this.runs = runs;
    this.check = check;
    this.canMail = canMail;
    this.box = box;
    this.transaction = transaction;
    this.clock = clock;
  }

  /**
   * A campaign as it stands.
   *
   * @param secret only in the answer that creates it
   */
  public record Stored(
      String id,
      String workspaceId,
      CampaignDraft draft,
      Definition definition,
      CampaignState state,
      @Nullable String stateReason,
      Instant createdAt,
      Instant updatedAt,
      @Nullable Instant activatedAt,
      long version,
      @Nullable String secret) {
    static Stored of(Campaign campaign) {
      return new Stored(
          campaign.getId(),
          campaign.workspaceId(),
          new CampaignDraft(
              campaign.name(), campaign.trigger(), campaign.channel(), campaign.consentCategory()),
          campaign.definition(),
          campaign.state(),
          campaign.stateReason(),
          campaign.createdAt(),
          campaign.updatedAt(),
          campaign.activatedAt(),
          campaign.version(),
          null);
    }

    Stored with(String newSecret) {
      return new Stored(
          id,
          workspaceId,
          draft,
          definition,
          state,
          stateReason,
          createdAt,
          updatedAt,
          activatedAt,
          version,
          newSecret);
    }

    @Override
    public String toString() {
      return "Stored[" + id + "]";
    }
  }

  /** Creates a draft. The answer holds the webhook secret, which is never shown again. */
  public Stored create(String workspaceId, CampaignDraft draft) {
    Definition definition = check.check(draft);
    Instant now = clock.instant();
    Campaign campaign = new Campaign(Ids.create("cmp"), workspaceId, now);
    campaign.define(draft, definition, now);
    Optional<String> secret =
        definition.message().channel() == Channel.WEBHOOK
            ? Optional.of(WebhookSecret.create())
            : Optional.empty();
    secret.ifPresent(text ->
        campaign.signWith(WebhookSecret.seal(box, Definition.secretPlace(campaign.getId()), text)));
    Stored stored = inTransaction(() -> Stored.of(rows.saveAndFlush(campaign)));
    changed("create", stored);
    return secret.map(stored::with).orElse(stored);
  }

  /** A page, by id. */
  public List<Stored> list(String workspaceId, String after, int limit) {
    return inTransaction(
        () -> rows.page(workspaceId, after, Limit.of(limit)).stream().map(Stored::of).toList());
  }

  /** One campaign. */
  public Stored read(String workspaceId, String id) {
    return inTransaction(() -> Stored.of(find(workspaceId, id)));
  }

  /** The secret that signs a campaign's webhooks, sealed. */
  public Optional<String> secret(String workspaceId, String id) {
    return inTransaction(() -> find(workspaceId, id).secret());
  }

  /** Replaces the definition of a draft, or the texts of a paused campaign. */
  public Stored replace(String workspaceId, String id, IfMatch ifMatch, CampaignDraft draft) {
    Definition definition = check.check(draft);
    Stored stored =
        inTransaction(() -> {
          Campaign campaign = find(workspaceId, id);
          ifMatch.require(campaign.version());
          requireReplaceable(campaign, draft);
          campaign.define(draft, definition, clock.instant());
          if (definition.message().channel() == Channel.WEBHOOK && campaign.secret().isEmpty()) {
            throw Problem.conflict(
                "channel_fixed",
                "A webhook's secret is shown when the campaign is created. Create a new"
                    + " campaign for the other channel.");
          }
          return Stored.of(rows.saveAndFlush(campaign));
        });
    changed("replace", stored);
    return stored;
  }

  private static void requireReplaceable(Campaign campaign, CampaignDraft draft) {
    if (!campaign.state().isEditable()) {
      throw Problem.conflict(
          "not_editable",
          "A campaign that is "
              + campaign.state().wire()
              + " can't be changed. Pause it first, or create a new one.");
    }
    boolean sameChannel =
        campaign.channelType().equals(Objects.requireNonNull(draft.channel()).type());
    if (campaign.state() != CampaignState.DRAFT
        && !(sameChannel && campaign.trigger().equals(draft.trigger()))) {
      throw Problem.conflict(
          "trigger_fixed",
          "Once started, a campaign keeps its trigger and the kind of its channel. Stop it and"
              + " create a new one.");
    }
  }

  /** Deletes a campaign that sends nothing; its deliveries stay. */
  public void delete(String workspaceId, String id, IfMatch ifMatch) {
    Stored deleted =
        inTransaction(() -> {
          Campaign campaign = find(workspaceId, id);
          ifMatch.require(campaign.version());
          switch (campaign.state()) {
            case DRAFT, STOPPED, FINISHED -> campaign.delete(clock.instant());
            case ACTIVE, PAUSED ->
                throw Problem.conflict("campaign_running", "Stop the campaign first.");
          }
          return Stored.of(rows.saveAndFlush(campaign));
        });
    changed("delete", deleted);
  }

  /** Starts, pauses, resumes or stops. Once it's answered, no further send is claimed. */
  public Stored act(String workspaceId, String id, Action action) {
    Stored stored =
        inTransaction(() -> {
          Campaign campaign = find(workspaceId, id);
          CampaignState next =
              campaign.state().after(action).orElseThrow(() -> impossible(campaign, action));
          Definition definition = campaign.definition();
          if (next == CampaignState.ACTIVE) {
            requireMailServer(definition);
          }
          campaign.move(next, clock.instant());
          Stored moved = Stored.of(rows.saveAndFlush(campaign));
          if (action == Action.START
              && definition.trigger() instanceof Definition.Trigger.Once(String segmentId)) {
            runs.start(workspaceId, id, segmentId, clock.instant());
          }
          return moved;
        });
    changed(action.wire(), stored);
    return stored;
  }

  /** Ends the request where the message is a mail and there's no server to send it by. */
  public void requireMailServer(Definition definition) {
    if (definition.message().channel() == Channel.EMAIL && !canMail) {
      throw Problem.conflict(
          "smtp_not_configured",
          "There is no mail server to send by. Set TRIBUTARY_SMTP_HOST (and _PORT, _USERNAME,"
              + " _PASSWORD, _STARTTLS) and start again.");
    }
  }

  private static Problem impossible(Campaign campaign, Action action) {
    return Problem.conflict(
        "wrong_state",
        "A campaign that is " + campaign.state().wire() + " can't " + action.wire() + ".");
  }

  private Campaign find(String workspaceId, String id) {
    return rows.find(workspaceId, id)
        .orElseThrow(() -> Problem.notFound("There is no campaign " + id + "."));
  }

  private <T> T inTransaction(Supplier<T> work) {
    try {
      return Objects.requireNonNull(transaction.execute(status -> work.get()));
    } catch (ObjectOptimisticLockingFailureException e) {
      throw Problem.conflict(
              "changed_meanwhile", "Somebody else changed the campaign. Read it and try again.")
          .retryAfter(java.time.Duration.ofSeconds(1));
    }
  }

  private static void changed(String action, Stored stored) {
    LOG.info(
        "campaign action={} workspace={} id={} state={} version={}",
        action,
        stored.workspaceId(),
        stored.id(),
        stored.state().wire(),
        stored.version());
  }
}
