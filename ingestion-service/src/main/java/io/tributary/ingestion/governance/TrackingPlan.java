package io.tributary.ingestion.governance;

import io.tributary.event.Json;
import io.tributary.ingestion.admin.AssignedId;
import io.tributary.ingestion.plan.PlanDocument;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.hibernate.annotations.ColumnTransformer;

/** A tracking plan with its latest version. */
@Entity(name = "TrackingPlan")
@Table(schema = "ingestion", name = "tracking_plan")
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // Hibernate fills and reads the fields
class TrackingPlan extends AssignedId {
  @Id
  @Column(name = "plan_id")
  private String id;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  private String name;

  @ColumnTransformer(write = "?::json")
  private String document;

  private long version;

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  private boolean deleted;

  @Column(name = "created_at", updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at")
  private Instant updatedAt;

  protected TrackingPlan() {}

  TrackingPlan(String id, String workspaceId, String name, PlanDocument document, Instant now) {
    this.id = id;
    this.workspaceId = workspaceId;
    this.name = name;
    this.document = Json.MAPPER.writeValueAsString(document);
    this.version = 1;
    this.createdAt = now;
    this.updatedAt = now;
  }

  void rename(String newName, Instant now) {
    name = newName;
    updatedAt = now;
  }

  /** Makes the next version of it. */
  void redefine(PlanDocument newDocument) {
    document = Json.MAPPER.writeValueAsString(newDocument);
    version++;
  }

  void delete(Instant now) {
    deleted = true;
    updatedAt = now;
  }

  @Override
  public String getId() {
    return id;
  }

  String name() {
    return name;
  }

  PlanDocument document() {
    return Json.MAPPER.readValue(document, PlanDocument.class);
  }

  long version() {
    return version;
  }

  long rowVersion() {
    return rowVersion;
  }

  Instant createdAt() {
    return createdAt;
  }

  Instant updatedAt() {
    return updatedAt;
  }
}
