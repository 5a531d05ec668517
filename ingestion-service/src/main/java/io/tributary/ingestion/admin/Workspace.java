package io.tributary.ingestion.admin;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;

/** A tenant: nothing in one workspace is visible in another. */
@Entity(name = "Workspace")
@Table(schema = "access", name = "workspace")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class Workspace extends AssignedId {
  @Id
  @Column(name = "workspace_id")
  private String id;

  private String name;

  /** Whether tokens of this workspace may create others. */
  private boolean operator;

  @Column(name = "created_at")
  private Instant createdAt;

  @Version private long version;

  protected Workspace() {}

  Workspace(String id, String name, Instant createdAt) {
    this.id = id;
    this.name = name;
    this.createdAt = createdAt;
  }

  @Override
  public String getId() {
    return id;
  }

  String name() {
    return name;
  }

  boolean isOperator() {
    return operator;
  }

  Instant createdAt() {
    return createdAt;
  }
}
