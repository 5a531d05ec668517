package io.tributary.segment.admin;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import jakarta.persistence.Version;
import java.time.Instant;
import org.hibernate.annotations.ColumnTransformer;
import org.springframework.data.domain.Persistable;

/** A segment as somebody defined it. */
@Entity(name = "Segment")
@Table(schema = "segment", name = "segment")
@SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // Hibernate fills and reads the fields
class Segment implements Persistable<String> {
  @Id
  @Column(name = "segment_id")
  private String id;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  private String name;
  private String description;

  @ColumnTransformer(write = "?::jsonb")
  private String condition;

  private long version;

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  private boolean deleted;

  @Column(name = "created_at", updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at")
  private Instant updatedAt;

  @Transient private boolean stored;

  protected Segment() {}

  Segment(String id, String workspaceId, SegmentAdmin.Wanted wanted, Instant now) {
    this.id = id;
    this.workspaceId = workspaceId;
    this.name = wanted.name();
    this.description = wanted.description();
    this.condition = wanted.json();
    this.version = 1;
    this.createdAt = now;
    this.updatedAt = now;
  }

  void rename(SegmentAdmin.Wanted wanted, Instant now) {
    name = wanted.name();
    description = wanted.description();
    updatedAt = now;
  }

  /** Gives it another condition, and with it the next version. */
  void redefine(String json) {
    condition = json;
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

  String condition() {
    return condition;
  }

  long version() {
    return version;
  }

  long rowVersion() {
    return rowVersion;
  }
}
