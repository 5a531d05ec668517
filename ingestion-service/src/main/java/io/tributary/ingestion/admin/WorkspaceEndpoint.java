package io.tributary.ingestion.admin;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Idempotency;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Workspaces; only tokens of an operator's workspace create them or see others than their own. */
@RestController
@RequestMapping("/api/v1/workspaces")
@RequiresScope(Scopes.WORKSPACES_WRITE)
class WorkspaceEndpoint {
  private final WorkspaceAdmin admin;

  WorkspaceEndpoint(WorkspaceAdmin admin) {
    this.admin = admin;
  }

  /** A workspace as people create it. */
  record NewWorkspace(@Nullable String name) {}

  /** A workspace. */
  record WorkspaceAnswer(String id, String name, Instant createdAt) {
    static WorkspaceAnswer from(Workspace workspace) {
      return new WorkspaceAnswer(workspace.getId(), workspace.name(), workspace.createdAt());
    }
  }

  /**
   * A workspace that was just made, with its first token.
   *
   * @param token may do everything in the new workspace; its secret is never shown again
   */
  record MadeWorkspaceAnswer(WorkspaceAnswer workspace, TokenEndpoint.MadeTokenAnswer token) {}

  /** Creates a workspace with a first API token; its secret is shown in this answer only. */
  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  MadeWorkspaceAnswer create(
      Caller caller, @RequestBody NewWorkspace wanted, HttpServletRequest request) {
    Faults faults = new Faults();
    String name = faults.text(wanted.name(), "name", 100);
    faults.throwIfAny();
    WorkspaceAdmin.Made made = admin.create(caller, name);
    Idempotency.answerIsSecret(request);
    return new MadeWorkspaceAnswer(
        WorkspaceAnswer.from(made.workspace()), TokenEndpoint.MadeTokenAnswer.from(made.token()));
  }

  /** The workspaces that the caller may see. */
  @GetMapping
  Page<WorkspaceAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("workspaces", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            admin.list(caller, after, page.fetchSize()),
            page,
            workspace -> Cursor.of("workspaces", workspace.getId()))
        .map(WorkspaceAnswer::from);
  }
}
