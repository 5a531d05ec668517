package io.tributary.ingestion.admin;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code access.webhook}. */
interface SourceWebhooks extends Repository<SourceWebhook, String> {
  SourceWebhook save(SourceWebhook webhook);

  void delete(SourceWebhook webhook);

  @Query(
      "select w from SourceWebhook w where w.workspaceId = :workspaceId and w.sourceId = :sourceId")
  Optional<SourceWebhook> find(String workspaceId, String sourceId);

  @Query(
      "select w from SourceWebhook w where w.workspaceId = :workspaceId"
          + " and w.sourceId in :sourceIds")
  List<SourceWebhook> of(String workspaceId, Collection<String> sourceIds);
}
