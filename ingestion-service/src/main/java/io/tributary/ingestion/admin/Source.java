package io.tributary.ingestion.admin;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where events come from: a site, an app, a server, a provider of webhooks. */
@Entity(name = "Source")
@Table(schema = "access", name = "source")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class Source extends AssignedId {
  /** The kind of the source by which engagement comes back; it can't be changed by anybody. */
  static final String INTERNAL = "tributary";

  /** The kind of a source that a known provider sends to. */
  static final String WEBHOOK = "webhook";

  @Id
  @Column(name = "source_id")
  private String id;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  private String name;

  @Column(updatable = false)
  private String kind;

  private boolean enabled;

  @Column(name = "created_at", updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at")
  private Instant updatedAt;

  @Column(name = "deleted_at")
  private @Nullable Instant deletedAt;

  @Version private long version;

  protected Source() {}

  Source(String id, String workspaceId, String name, String kind, Instant now) {
    this.id = id;
    this.workspaceId = workspaceId;
    this.name = name;
    this.kind = kind;
    this.enabled = true;
    this.createdAt = now;
    this.updatedAt = now;
  }

  void change(@Nullable String newName, @Nullable Boolean newEnabled, Instant now) {
    name = newName == null ? name : newName;
    enabled = newEnabled == null ? enabled : newEnabled;
    updatedAt = now;
  }

  void delete(Instant now) {
    deletedAt = now;
    updatedAt = now;
  }

  @Override
  public String getId() {
    return id;
  }

  String workspaceId() {
    return workspaceId;
  }

  String name() {
    return name;
  }

  String kind() {
    return kind;
  }

  boolean isEnabled() {
    return enabled;
  }

  boolean isInternal() {
    return kind.equals(INTERNAL);
  }

  Instant createdAt() {
    return createdAt;
  }

  Instant updatedAt() {
    return updatedAt;
  }

  long version() {
    return version;
  }
}
