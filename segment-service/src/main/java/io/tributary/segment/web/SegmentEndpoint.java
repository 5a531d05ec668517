package io.tributary.segment.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.conditions.Condition;
import io.tributary.segment.admin.SegmentAdmin;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Visibility;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Definitions of segments and how far they have come. */
@RestController
@RequestMapping("/api/v1/segments")
class SegmentEndpoint {
  private static final int MAX_NAME = 100;
  private static final int MAX_DESCRIPTION = 1_000;

  private final SegmentAdmin admin;
  private final SegmentViews views;
  private final Visibility visibility;

  SegmentEndpoint(SegmentAdmin admin, SegmentViews views, Visibility visibility) {
    this.admin = admin;
    this.views = views;
    this.visibility = visibility;
  }

  /**
   * A definition.
   *
   * @param condition who belongs to it; see the documentation of the segment language
   */
  record Definition(
      @Nullable String name, @Nullable String description, @Nullable JsonNode condition) {
    SegmentAdmin.Wanted checked() {
      Faults faults = new Faults();
      String text = description == null ? "" : description.strip();
      faults.check(
          text.length() <= MAX_DESCRIPTION,
          "description",
          "too_long",
          "has at most " + MAX_DESCRIPTION + " characters");
      String title = faults.text(name, "name", MAX_NAME);
      Condition read = ConditionBody.read(condition, faults);
      faults.throwIfAny();
      return new SegmentAdmin.Wanted(title, text, read);
    }
  }

  /** Creates a segment and begins to fill it with everybody who qualifies already. */
  @PostMapping
  @RequiresScope(Scopes.SEGMENTS_WRITE)
  ResponseEntity<SegmentAnswer> create(Caller caller, @RequestBody Definition wanted)
      throws SQLException {
    String id = admin.create(caller.workspaceId(), wanted.checked());
    SegmentAnswer made = views.read(caller.workspaceId(), id);
    return ResponseEntity.created(URI.create("/api/v1/segments/" + id))
        .eTag(IfMatch.etag(made.rowVersion()))
        .body(made);
  }

  /** All segments with their member counts, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.SEGMENTS_READ)
  Page<SegmentAnswer> list(Caller caller, PageQuery page) throws SQLException {
    String after = page.after("segments", 1).map(cursor -> cursor.text(0)).orElse("");
    List<SegmentAnswer> rows = views.page(caller.workspaceId(), after, page.fetchSize());
    return Page.of(rows, page, segment -> Cursor.of("segments", segment.id()));
  }

  /** A segment with its state and member count, its version in the ETag. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.SEGMENTS_READ)
  ResponseEntity<SegmentAnswer> read(
      Caller caller,
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header)
      throws SQLException {
    visibility.await(position, header, wait);
    return answer(views.read(caller.workspaceId(), id));
  }

  /** Replaces name or condition. A new condition emits the difference, once. */
  @PutMapping("/{id}")
  @RequiresScope(Scopes.SEGMENTS_WRITE)
  ResponseEntity<SegmentAnswer> replace(
      Caller caller, @PathVariable String id, IfMatch ifMatch, @RequestBody Definition wanted)
      throws SQLException {
    admin.change(caller.workspaceId(), id, ifMatch, wanted.checked());
    return answer(views.read(caller.workspaceId(), id));
  }

  /** Deletes a segment that no other segment refers to. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.SEGMENTS_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id, IfMatch ifMatch) {
    admin.delete(caller.workspaceId(), id, ifMatch);
  }

  private static ResponseEntity<SegmentAnswer> answer(SegmentAnswer segment) {
    return ResponseEntity.ok().eTag(IfMatch.etag(segment.rowVersion())).body(segment);
  }
}
