package io.tributary.ingestion.admin;

import java.util.List;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code access.workspace}. */
interface Workspaces extends Repository<Workspace, String> {
  Workspace save(Workspace workspace);

  java.util.Optional<Workspace> findById(String workspaceId);

  @Query("select w from Workspace w where w.id > :after order by w.id")
  List<Workspace> page(String after, Limit limit);
}
