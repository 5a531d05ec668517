package io.tributary.ingestion.pull;

import io.tributary.access.SecretBox;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.files.RowJudge;
import io.tributary.ingestion.governance.CurrentTransformations;
import io.tributary.ingestion.governance.SourceKinds;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.postgres.PostgresServer;
import io.tributary.ingestion.webhook.RowMapping;
import io.tributary.web.Problem;
import io.tributary.webhook.WebhookTargets;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** What checking a pull and carrying it out have in common: opening it, and judging its rows. */
final class Pulls {
  /** The kind of the sources whose events come from databases. */
  static final String KIND = "database";

  private final @Nullable SecretBox box;
  private final WebhookTargets targets;
  private final SourceKinds kinds;
  private final SourceRules rules;
  private final Clock clock;
  private final PullReader reader = new PullReader();

  /**
   * Pulls of this server.
   *
   * @param encryptionKey empty where there is none: then there are no pulls
   */
  Pulls(
      String encryptionKey,
      WebhookTargets targets,
      SourceKinds kinds,
      SourceRules rules,
      Clock clock) {
    this.box = encryptionKey.isBlank() ? null : new SecretBox(encryptionKey);
    this.targets = targets;
    this.kinds = kinds;
    this.rules = rules;
    this.clock = clock;
  }

  WebhookTargets targets() {
    return targets;
  }

  Optional<String> kind(String workspaceId, String sourceId) {
    return kinds.find(workspaceId, sourceId);
  }

  /** A password as it's stored. */
  String sealed(String id, String password) {
    return box().seal(Pull.secretPlace(id), password.getBytes(StandardCharsets.UTF_8));
  }

  private SecretBox box() {
    if (box == null) {
      throw Problem.conflict(
          "no_encryption_key",
          "Pulls need TRIBUTARY_ENCRYPTION_KEY, which isn't set at this server.");
    }
    return box;
  }

  /** A page of a pull, and what its source's rules make of it. */
  record Page(
      List<PullReader.Pulled> rows, List<RowJudge.Judged> judged, boolean last, boolean withholds) {
    /** Copies the lists. */
    public Page {
      rows = List.copyOf(rows);
      judged = List.copyOf(judged);
    }
  }

  /** What is needed to read a pull. */
  record Access(PullDefinition definition, String password) {
    @Override
    public String toString() {
      return "Access[" + definition.name() + "]";
    }
  }

  /** Opens what is stored of a pull. */
  Access access(Pull pull) throws UnreadableException {
    try {
      PullDefinition definition = PullDefinition.read(pull.document(), targets);
      String password =
          new String(
              box().open(Pull.secretPlace(pull.id()), pull.secret()), StandardCharsets.UTF_8);
      return new Access(definition, password);
    } catch (Problem e) {
      // Checked when it came: the operator has other rules now, or a newer version stored it.
      throw new UnreadableException(
          e.code().equals("no_encryption_key") ? e.code() : "definition_not_allowed");
    } catch (JacksonException e) {
      throw new UnreadableException("definition_not_allowed");
    } catch (IllegalArgumentException e) {
      throw new UnreadableException("password_unreadable");
    }
  }

  /**
   * Reads rows and says what becomes of them, by the rules that their source has now.
   *
   * @param start from where
   */
  Page page(Pull pull, Access access, Start start, int most) throws UnreadableException {
    PullDefinition definition = access.definition();
    if (!kinds.findEnabled(pull.workspaceId(), definition.source()).equals(Optional.of(KIND))) {
      throw new UnreadableException("source_off");
    }
    PullReader.Rows read = read(access, start, most);
    RowMapping mapping = definition.mapping();
    if (mapping != null && read.type().isTime()) {
      mapping = mapping.timedBy(definition.cursor(), read.type().format());
    }
    Boolean wanted = definition.historical();
    boolean historical = wanted == null ? !pull.caughtUp() : wanted;
    try {
      Source source = rules.source(pull.workspaceId(), definition.source(), false, false);
      List<RowJudge.Judged> judged =
          new RowJudge(mapping, historical, source)
              .judge(
                  read.rows().stream().map(PullReader.Pulled::row).toList(),
                  Receipt.at(clock.instant(), null));
      return new Page(read.rows(), judged, read.last(), source.withholds());
    } catch (CurrentTransformations.UnreadableException e) {
      throw new UnreadableException("rules_unavailable");
    }
  }

  private PullReader.Rows read(Access access, Start start, int most) throws UnreadableException {
    PullDefinition definition = access.definition();
    try {
      return reader.page(definition, access.password(), targets.allowed(), start, most);
    } catch (SQLException e) {
      throw new UnreadableException(
          definition
              .server()
              .unreached(e, false)
              .orElseGet(() -> "sql_" + PostgresServer.state(e)));
    }
  }

  /** Ends what is being read. */
  void abort() {
    reader.abort();
  }
}
