package io.tributary.segment.admin;

import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code segment.segment}; deleted ones are never seen. */
interface Segments extends Repository<Segment, String> {
  Segment saveAndFlush(Segment segment);

  @Query(
      "select s from Segment s where s.workspaceId = :workspaceId and s.id = :id and not s.deleted")
  Optional<Segment> find(String workspaceId, String id);
}
