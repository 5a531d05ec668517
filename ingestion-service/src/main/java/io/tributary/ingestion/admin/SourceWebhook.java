package io.tributary.ingestion.admin;

import io.tributary.ingestion.webhook.WebhookSecrets;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** What a source knows of the provider that sends to it; secrets are sealed. */
@Entity(name = "SourceWebhook")
@Table(schema = "access", name = "webhook")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class SourceWebhook extends AssignedId {
  private static final int HINT = 4;

  @Id
  @Column(name = "source_id")
  private String sourceId;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  @Column(updatable = false)
  private String provider;

  private @Nullable String key;

  @Column(name = "key_hint")
  private @Nullable String keyHint;

  @Column(name = "previous_key")
  private @Nullable String previousKey;

  @Column(name = "previous_key_hint")
  private @Nullable String previousKeyHint;

  @Column(name = "verify_token")
  private @Nullable String verifyToken;

  /**
   * What is told of a provider; what is null stays as it is.
   *
   * @param key a new one; the one before goes on being accepted
   * @param keepPrevious false to end that
   */
  record Told(@Nullable String key, @Nullable String verifyToken, boolean keepPrevious) {}

  protected SourceWebhook() {}

  SourceWebhook(Source source, String provider) {
    this.sourceId = source.getId();
    this.workspaceId = source.workspaceId();
    this.provider = provider;
  }

  void tell(Told told, WebhookSecrets secrets) {
    if (told.key() != null) {
      previousKey = key;
      previousKeyHint = keyHint;
      key = secrets.seal(sourceId, told.key());
      keyHint = "…" + told.key().substring(told.key().length() - HINT);
    }
    if (!told.keepPrevious()) {
      previousKey = null;
      previousKeyHint = null;
    }
    if (told.verifyToken() != null) {
      verifyToken = secrets.seal(sourceId, told.verifyToken());
    }
  }

  @Override
  public String getId() {
    return sourceId;
  }

  String workspaceId() {
    return workspaceId;
  }

  String provider() {
    return provider;
  }

  @Nullable String keyHint() {
    return keyHint;
  }

  @Nullable String previousKeyHint() {
    return previousKeyHint;
  }

  boolean hasVerifyToken() {
    return verifyToken != null;
  }
}
