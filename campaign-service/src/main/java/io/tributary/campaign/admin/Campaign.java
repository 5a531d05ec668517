package io.tributary.campaign.admin;

import io.tributary.campaign.admin.CampaignDraft.ChannelDraft;
import io.tributary.campaign.admin.CampaignDraft.TriggerDraft;
import io.tributary.campaign.journey.CampaignState;
import io.tributary.event.Json;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/** A campaign as it is stored. */
@Entity(name = "Campaign")
@Table(schema = "campaign", name = "campaign")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class Campaign implements Persistable<String> {
  @Id
  @Column(name = "campaign_id")
  private String id;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  private String name;

  @Column(name = "trigger_type")
  private String triggerType;

  @Column(name = "segment_id")
  private @Nullable String segmentId;

  @ColumnTransformer(write = "?::jsonb")
  private String trigger;

  @Column(name = "channel_type")
  private String channelType;

  @ColumnTransformer(write = "?::jsonb")
  private String channel;

  private @Nullable String secret;

  @Column(name = "consent_category")
  private @Nullable String consentCategory;

  private String state;

  @Column(name = "state_reason")
  private @Nullable String stateReason;

  @Column(name = "created_at", updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at")
  private Instant updatedAt;

  @Column(name = "activated_at")
  private @Nullable Instant activatedAt;

  @Column(name = "deleted_at")
  private @Nullable Instant deletedAt;

  @Version private long version;

  @Transient private boolean stored;

  protected Campaign() {}

  Campaign(String id, String workspaceId, Instant now) {
    this.id = id;
    this.workspaceId = workspaceId;
    this.state = CampaignState.DRAFT.wire();
    this.createdAt = now;
    this.updatedAt = now;
  }

  /** Takes over a draft; {@code definition} is what it was found to be. */
  void define(CampaignDraft draft, Definition definition, Instant now) {
    name = definition.name().strip();
    triggerType = Objects.requireNonNull(Objects.requireNonNull(draft.trigger()).type());
    segmentId = definition.trigger().segment().orElse(null);
    trigger = Json.MAPPER.writeValueAsString(draft.trigger());
    channelType = definition.message().channel().wire();
    channel = Json.MAPPER.writeValueAsString(draft.channel());
    consentCategory = definition.consentCategory();
    updatedAt = now;
  }

  void signWith(String sealedSecret) {
    secret = sealedSecret;
  }

  void move(CampaignState newState, Instant now) {
    state = newState.wire();
    stateReason = null;
    updatedAt = now;
    if (activatedAt == null) {
      activatedAt = now;
    }
  }

  void delete(Instant now) {
    deletedAt = now;
    updatedAt = now;
  }

  @Override
  public String getId() {
    return id;
  }

  /** Ids are assigned, so a new row isn't looked for first. */
  @Override
  public boolean isNew() {
    return !stored;
  }

  @PostLoad
  @PostPersist
  void nowStored() {
    stored = true;
  }

  String workspaceId() {
    return workspaceId;
  }

  String name() {
    return name;
  }

  String triggerType() {
    return triggerType;
  }

  TriggerDraft trigger() {
    return Json.MAPPER.readValue(trigger, TriggerDraft.class);
  }

  String channelType() {
    return channelType;
  }

  ChannelDraft channel() {
    return Json.MAPPER.readValue(channel, ChannelDraft.class);
  }

  Definition definition() {
    return new Definition(
        name, Definition.trigger(trigger), Definition.message(channel), consentCategory);
  }

  Optional<String> secret() {
    return Optional.ofNullable(secret);
  }

  Optional<String> segmentId() {
    return Optional.ofNullable(segmentId);
  }

  @Nullable String consentCategory() {
    return consentCategory;
  }

  CampaignState state() {
    return CampaignState.parse(state);
  }

  @Nullable String stateReason() {
    return stateReason;
  }

  Instant createdAt() {
    return createdAt;
  }

  Instant updatedAt() {
    return updatedAt;
  }

  @Nullable Instant activatedAt() {
    return activatedAt;
  }

  long version() {
    return version;
  }
}
