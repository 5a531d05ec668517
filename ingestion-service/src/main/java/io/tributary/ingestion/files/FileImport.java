package io.tributary.ingestion.files;

import io.tributary.event.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An import as it stands.
 *
 * @param definition as JSON
 * @param version counts changes of the definition
 * @param problem why it failed
 * @param parts of its file
 * @param bytes of its file
 * @param rowsRead in the check, or in the run
 * @param bytesRead of the file, at least
 * @param preview the first rows and what becomes of them, as JSON
 * @param epoch tells those who work on it one after another apart
 */
record FileImport(
    String id,
    String workspaceId,
    String definition,
    long version,
    ImportState state,
    @Nullable String problem,
    int parts,
    long bytes,
    long rowsRead,
    long accepted,
    long refused,
    long bytesRead,
    @Nullable String preview,
    long epoch,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {

  @Override
  public String toString() {
    return "FileImport[" + id + " " + state.wire() + "]";
  }

  ImportDefinition wanted() {
    return Json.MAPPER.readValue(definition, ImportDefinition.class);
  }
}
