package io.tributary.ingestion.admin;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code access.api_token}. */
interface ApiTokens extends Repository<ApiToken, String> {
  ApiToken save(ApiToken token);

  @Query("select t from ApiToken t where t.workspaceId = :workspaceId and t.id = :id")
  Optional<ApiToken> find(String workspaceId, String id);

  @Query(
      "select t from ApiToken t where t.workspaceId = :workspaceId and t.id > :after order by t.id")
  List<ApiToken> page(String workspaceId, String after, Limit limit);
}
