package io.tributary.ingestion.admin;

import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code access.source}; deleted ones are never seen. */
interface Sources extends Repository<Source, String> {
  Source saveAndFlush(Source source);

  @Query(
      "select s from Source s where s.workspaceId = :workspaceId and s.id = :id"
          + " and s.deletedAt is null")
  Optional<Source> find(String workspaceId, String id);

  /** Locked, so that two requests can't both add the last allowed write key. */
  @Lock(LockModeType.PESSIMISTIC_WRITE)
  @Query(
      "select s from Source s where s.workspaceId = :workspaceId and s.id = :id"
          + " and s.deletedAt is null")
  Optional<Source> findForUpdate(String workspaceId, String id);

  @Query(
      "select s from Source s where s.workspaceId = :workspaceId and s.deletedAt is null"
          + " and s.id > :after order by s.id")
  List<Source> page(String workspaceId, String after, Limit limit);
}
