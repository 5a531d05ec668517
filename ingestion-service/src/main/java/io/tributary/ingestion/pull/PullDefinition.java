package io.tributary.ingestion.pull;

import io.tributary.ingestion.postgres.PostgresServer;
import io.tributary.ingestion.webhook.RowMapping;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import io.tributary.webhook.WebhookTargets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A pull, checked. */
record PullDefinition(
    String name,
    String source,
    PostgresServer server,
    String query,
    String cursor,
    int overlap,
    Duration every,
    @Nullable RowMapping mapping,
    @Nullable Boolean historical) {
  /** Rest between two turns where nothing is said. */
  static final int EVERY_SECONDS = 300;

  private static final int MAX_NAME = 100;
  private static final int MAX_QUERY = 10_000;
  private static final int MAX_COLUMN = 63;
  private static final int MAX_PASSWORD = 1_000;

  /**
   * Checks what people wrote, but the password.
   *
   * @throws Problem with all that is wrong with it
   */
  static PullDefinition read(PullDocument written, WebhookTargets targets) {
    Faults faults = new Faults();
    PullDefinition definition = read(written, targets, faults);
    faults.throwIfAny();
    return definition;
  }

  /** The same with a password that has to be there. */
  static PullDefinition readNew(PullDocument written, WebhookTargets targets) {
    Faults faults = new Faults();
    PullDefinition definition = read(written, targets, faults);
    checkPassword(written, faults);
    faults.throwIfAny();
    return definition;
  }

  static void checkPassword(PullDocument written, Faults faults) {
    if (written.postgres() != null) {
      faults.text(written.password(), "postgres.password", MAX_PASSWORD);
    }
  }

  private static PullDefinition read(PullDocument written, WebhookTargets targets, Faults faults) {
    JsonNode mapping = written.mapping();
    PullDocument.PulledPostgres postgres = written.postgres();
    if (postgres == null) {
      faults.add("postgres", "required", "must say host, database, user and password");
    }
    PostgresServer server =
        postgres == null
            ? new PostgresServer("", 0, "", "", true, null)
            : PostgresServer.read(postgres.server(), "postgres", targets, faults);
    String query = faults.text(written.query(), "query", MAX_QUERY);
    faults.check(
        query.indexOf(';') < 0 && query.indexOf('\0') < 0,
        "query",
        "invalid",
        "must be one statement that selects rows, without a semicolon");
    return new PullDefinition(
        faults.text(written.name(), "name", MAX_NAME),
        faults.text(written.source(), "source", MAX_NAME),
        server,
        query,
        faults.text(written.cursor(), "cursor", MAX_COLUMN),
        faults.between(written.overlap(), "overlap", 0, 1_000_000, 600),
        Duration.ofSeconds(
            faults.between(written.everySeconds(), "everySeconds", 10, 86_400, EVERY_SECONDS)),
        mapping == null || mapping.isNull() ? null : RowMapping.read(mapping, "mapping", faults),
        written.historical());
  }
}
