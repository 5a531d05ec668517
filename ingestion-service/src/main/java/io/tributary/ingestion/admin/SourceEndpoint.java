package io.tributary.ingestion.admin;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Sources and their write keys. */
@RestController
@RequestMapping("/api/v1/sources")
class SourceEndpoint {
  private static final Set<String> KINDS = Set.of("web", "mobile", "server");
  private static final int MAX_NAME = 100;

  private final SourceAdmin admin;

  SourceEndpoint(SourceAdmin admin) {
    this.admin = admin;
  }

  /**
   * A source as people create it.
   *
   * @param kind web, mobile or server
   */
  record NewSource(@Nullable String name, @Nullable String kind) {}

  /** What of a source is to be changed; what is absent stays. */
  record SourceChange(@Nullable String name, @Nullable Boolean enabled) {}

  /** A write key; it isn't secret, it stands in every page that collects. */
  record WriteKeyAnswer(String id, String key, Instant createdAt) {
    static WriteKeyAnswer from(SourceKey key) {
      return new WriteKeyAnswer(key.getId(), key.writeKey(), key.createdAt());
    }
  }

  /** A source with its valid write keys. */
  record SourceAnswer(
      String id,
      String name,
      String kind,
      boolean enabled,
      Instant createdAt,
      Instant updatedAt,
      List<WriteKeyAnswer> writeKeys) {
    static SourceAnswer from(SourceAdmin.SourceWithKeys found) {
      Source source = found.source();
      return new SourceAnswer(
          source.getId(),
          source.name(),
          source.kind(),
          source.isEnabled(),
          source.createdAt(),
          source.updatedAt(),
          found.keys().stream().map(WriteKeyAnswer::from).toList());
    }
  }

  /** Creates a source with its first write key. */
  @PostMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<SourceAnswer> create(Caller caller, @RequestBody NewSource wanted) {
    Faults faults = new Faults();
    String name = faults.text(wanted.name(), "name", MAX_NAME);
    faults.check(
        wanted.kind() != null && KINDS.contains(wanted.kind()),
        "kind",
        wanted.kind() == null ? "required" : "invalid_value",
        "must be one of mobile, server, web");
    faults.throwIfAny();
    SourceAdmin.SourceWithKeys made =
        admin.create(caller.workspaceId(), name, String.valueOf(wanted.kind()));
    return ResponseEntity.created(URI.create("/api/v1/sources/" + made.source().getId()))
        .eTag(IfMatch.etag(made.source().version()))
        .body(SourceAnswer.from(made));
  }

  /** All sources, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<SourceAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("sources", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            admin.list(caller.workspaceId(), after, page.fetchSize()),
            page,
            found -> Cursor.of("sources", found.source().getId()))
        .map(SourceAnswer::from);
  }

  /** A source with its write keys, its version in the ETag. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<SourceAnswer> read(Caller caller, @PathVariable String id) {
    return answer(admin.read(caller.workspaceId(), id));
  }

  /** Renames a source, or switches it off or on. The collector knows within seconds. */
  @PatchMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<SourceAnswer> change(
      Caller caller, @PathVariable String id, IfMatch ifMatch, @RequestBody SourceChange wanted) {
    Faults faults = new Faults();
    String name = wanted.name() == null ? null : faults.text(wanted.name(), "name", MAX_NAME);
    faults.check(
        wanted.name() != null || wanted.enabled() != null,
        "$",
        "required",
        "must have name or enabled; there is nothing to change");
    faults.throwIfAny();
    return answer(admin.change(caller.workspaceId(), id, ifMatch, name, wanted.enabled()));
  }

  /** Deletes a source; its write keys stop working within seconds, its events stay. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id, IfMatch ifMatch) {
    admin.delete(caller.workspaceId(), id, ifMatch);
  }

  /** Makes one more write key, so that keys can be changed without a gap. */
  @PostMapping("/{id}/write-keys")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<WriteKeyAnswer> createWriteKey(Caller caller, @PathVariable String id) {
    SourceKey made = admin.addKey(caller.workspaceId(), id);
    return ResponseEntity.status(HttpStatus.CREATED).body(WriteKeyAnswer.from(made));
  }

  /**
   * Revokes a write key; it stops working within seconds.
   *
   * @param keyId the write key's id, wk_…
   */
  @DeleteMapping("/{id}/write-keys/{keyId}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void revokeWriteKey(Caller caller, @PathVariable String id, @PathVariable String keyId) {
    admin.revokeKey(caller.workspaceId(), id, keyId);
  }

  private static ResponseEntity<SourceAnswer> answer(SourceAdmin.SourceWithKeys found) {
    return ResponseEntity.ok()
        .eTag(IfMatch.etag(found.source().version()))
        .body(SourceAnswer.from(found));
  }
}
