package io.tributary.ingestion.admin;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code access.write_key}; revoked ones are never seen. */
interface SourceKeys extends Repository<SourceKey, String> {
  SourceKey save(SourceKey key);

  @Query(
      "select k from SourceKey k where k.workspaceId = :workspaceId and k.sourceId in :sourceIds"
          + " and k.revokedAt is null order by k.id")
  List<SourceKey> active(String workspaceId, Collection<String> sourceIds);

  @Query(
      "select k from SourceKey k where k.workspaceId = :workspaceId and k.sourceId = :sourceId"
          + " and k.id = :id and k.revokedAt is null")
  Optional<SourceKey> find(String workspaceId, String sourceId, String id);
}
