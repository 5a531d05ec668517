package io.tributary.ingestion.governance;

import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code ingestion.tracking_plan}; deleted ones are never seen. */
interface TrackingPlans extends Repository<TrackingPlan, String> {
  TrackingPlan saveAndFlush(TrackingPlan plan);

  @Query(
      "select p from TrackingPlan p where p.workspaceId = :workspaceId and p.id = :id"
          + " and not p.deleted")
  Optional<TrackingPlan> find(String workspaceId, String id);

  /** Locked, so that no source is attached to a plan while it's deleted. */
  @Lock(LockModeType.PESSIMISTIC_WRITE)
  @Query(
      "select p from TrackingPlan p where p.workspaceId = :workspaceId and p.id = :id"
          + " and not p.deleted")
  Optional<TrackingPlan> findForUpdate(String workspaceId, String id);

  @Query(
      "select p from TrackingPlan p where p.workspaceId = :workspaceId and not p.deleted"
          + " and p.id > :after order by p.id")
  List<TrackingPlan> page(String workspaceId, String after, Limit limit);

  @Query("select count(p) from TrackingPlan p where p.workspaceId = :workspaceId and not p.deleted")
  long count(String workspaceId);
}
