package io.tributary.ingestion.admin;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** An API token; of its secret only the hash is known. */
@Entity(name = "ApiToken")
@Table(schema = "access", name = "api_token")
@SuppressWarnings("NullAway.Init") // Hibernate fills the fields
class ApiToken extends AssignedId {
  @Id
  @Column(name = "token_id")
  private String id;

  @Column(name = "workspace_id", updatable = false)
  private String workspaceId;

  @Column(updatable = false)
  private String name;

  @Column(name = "token_hash", updatable = false)
  private byte[] hash;

  @Column(updatable = false)
  private String hint;

  @JdbcTypeCode(SqlTypes.ARRAY)
  @Column(updatable = false)
  private List<String> scopes;

  @Column(name = "created_by", updatable = false)
  private String createdBy;

  @Column(name = "created_at", updatable = false)
  private Instant createdAt;

  @Column(name = "expires_at", updatable = false)
  private @Nullable Instant expiresAt;

  @Column(name = "revoked_at")
  private @Nullable Instant revokedAt;

  /** What a new token is made of. */
  record Draft(
      String workspaceId,
      String name,
      List<String> scopes,
      String createdBy,
      @Nullable Instant expiresAt) {}

  protected ApiToken() {}

  ApiToken(String id, Draft draft, byte[] hash, String hint, Instant now) {
    this.id = id;
    this.workspaceId = draft.workspaceId();
    this.name = draft.name();
    this.hash = hash.clone();
    this.hint = hint;
    this.scopes = draft.scopes().stream().sorted().toList();
    this.createdBy = draft.createdBy();
    this.createdAt = now;
    this.expiresAt = draft.expiresAt();
  }

  void revoke(Instant now) {
    revokedAt = revokedAt == null ? now : revokedAt;
  }

  @Override
  public String getId() {
    return id;
  }

  String name() {
    return name;
  }

  String hint() {
    return hint;
  }

  List<String> scopes() {
    return scopes;
  }

  String createdBy() {
    return createdBy;
  }

  Instant createdAt() {
    return createdAt;
  }

  @Nullable Instant expiresAt() {
    return expiresAt;
  }

  @Nullable Instant revokedAt() {
    return revokedAt;
  }
}
