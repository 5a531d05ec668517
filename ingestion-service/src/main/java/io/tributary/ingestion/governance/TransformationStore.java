package io.tributary.ingestion.governance;

import io.tributary.event.Json;
import io.tributary.ingestion.transform.TransformationDocument;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Transformations of sources in all their versions; none is ever changed or deleted. */
final class TransformationStore {
  private final JdbcClient jdbc;

  /** A version as it was; 0 where there has been none. */
  record Stored(long version, TransformationDocument document, Instant createdAt) {
    static final Stored NONE = new Stored(0, TransformationDocument.NONE, Instant.EPOCH);
  }

  /** The version that counts for a source. */
  record Latest(String workspaceId, String sourceId, long version) {}

  TransformationStore(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /** The version that counts. */
  Stored latest(String workspaceId, String sourceId) {
    return stored(workspaceId, sourceId, null).orElse(Stored.NONE);
  }

  /** A version as it was. */
  Optional<Stored> version(String workspaceId, String sourceId, long version) {
    return stored(workspaceId, sourceId, version);
  }

  private Optional<Stored> stored(String workspaceId, String sourceId, @Nullable Long version) {
    return jdbc.sql(
            """
            select version, document, created_at from ingestion.transformation
            where workspace_id = :workspace and source_id = :source
              and (cast(:version as bigint) is null or version = :version)
            order by version desc limit 1
            """)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .param("version", version, Types.BIGINT)
        .query((row, n) ->
            new Stored(
                row.getLong(1),
                Json.MAPPER.readValue(row.getString(2), TransformationDocument.class),
                row.getObject(3, OffsetDateTime.class).toInstant()))
        .optional();
  }

  /** Adds a version. */
  void add(String workspaceId, String sourceId, Stored stored) {
    jdbc.sql(
            """
            insert into ingestion.transformation
                (source_id, version, workspace_id, document, created_at)
            values (:source, :version, :workspace, :document, :at)
            """)
        .param("source", sourceId)
        .param("version", stored.version())
        .param("workspace", workspaceId)
        .param("document", Json.MAPPER.writeValueAsString(stored.document()))
        .param("at", stored.createdAt().atOffset(ZoneOffset.UTC))
        .update();
  }

  /** Which version counts for each source, of all workspaces. */
  Map<String, Latest> latest() {
    Map<String, Latest> latest = new HashMap<>();
    jdbc.sql(
            """
            select distinct on (source_id) workspace_id, source_id, version
            from ingestion.transformation order by source_id, version desc
            """)
        .query(row -> {
          latest.put(
              row.getString(2), new Latest(row.getString(1), row.getString(2), row.getLong(3)));
        });
    return latest;
  }

  /** What these versions say, as text. */
  Map<Latest, String> documents(Collection<Latest> wanted) {
    Map<Latest, String> documents = new HashMap<>();
    jdbc.sql(
            """
            select workspace_id, source_id, version, document from ingestion.transformation
            where (source_id, version) in (select * from unnest(:sources::text[], :versions::bigint[]))
            """)
        .param("sources", wanted.stream().map(Latest::sourceId).toArray(String[]::new))
        .param("versions", wanted.stream().map(Latest::version).toArray(Long[]::new))
        .query(row -> {
          documents.put(
              new Latest(row.getString(1), row.getString(2), row.getLong(3)), row.getString(4));
        });
    return documents;
  }
}
