package io.tributary.ingestion.admin;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A write key of a source: public, good for appending events and nothing else. */
@Entity(name = "SourceKey")
@Table(schema = "access", name = "write_key")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class SourceKey extends AssignedId {
  @Id
  @Column(name = "key_id")
  private String id;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  @Column(name = "source_id", updatable = false)
  private String sourceId;

  @Column(name = "write_key", updatable = false)
  private String writeKey;

  @Column(name = "created_at", updatable = false)
  private Instant createdAt;

  @Column(name = "revoked_at")
  private @Nullable Instant revokedAt;

  protected SourceKey() {}

  SourceKey(String id, Source source, String writeKey, Instant now) {
    this.id = id;
    this.workspaceId = source.workspaceId();
    this.sourceId = source.getId();
    this.writeKey = writeKey;
    this.createdAt = now;
  }

  void revoke(Instant now) {
    revokedAt = revokedAt == null ? now : revokedAt;
  }

  @Override
  public String getId() {
    return id;
  }

  String workspaceId() {
    return workspaceId;
  }

  String sourceId() {
    return sourceId;
  }

  String writeKey() {
    return writeKey;
  }

  Instant createdAt() {
    return createdAt;
  }
}
