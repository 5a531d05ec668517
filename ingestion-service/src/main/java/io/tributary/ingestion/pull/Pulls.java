package io.tributary.ingestion.pull;

import io.tributary.access.SecretBox;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.files.RowJudge;
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

/** What checking a pull and carrying it out have in common: opening it, and judging its rows. */
final class Pulls {
  /** The kind of the sources whose events come from databases. */
  static final String KIND = "database";

  private final @Nullable SecretBox box;
  private final WebhookTargets targets;
  private final SourceKinds kinds;
  private final SourceRules rules;
  private final Clock clock;

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

  /** Why a pull can't be read, in one word. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String reason) {
      super(reason);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /** What a turn works with. */
  record Opened(PullDefinition definition, PullReader reader, boolean historical)
      implements AutoCloseable {
    @Override
    public void close() {
      reader.close();
    }
  }

  /** Begins to read where the last turn has ended. */
  Opened open(Pull pull) throws UnreadableException {
    PullDefinition definition;
    String password;
    try {
      definition = PullDefinition.read(pull.document(), targets);
      password =
          new String(box().open(Pull.secretPlace(pull.id()), pull.secret()), StandardCharsets.UTF_8);
    } catch (Problem e) {
      // Checked when it came: the operator has other rules now, or a newer version stored it.
      throw new UnreadableException(
          e.code().equals("no_encryption_key") ? e.code() : "definition_not_allowed");
    } catch (IllegalArgumentException e) {
      throw new UnreadableException("password_unreadable");
    }
    if (!kind(pull.workspaceId(), definition.source()).equals(Optional.of(KIND))) {
      throw new UnreadableException("source_gone");
    }
    Boolean wanted = definition.historical();
    boolean historical = wanted == null ? !pull.caughtUp() : wanted;
    try {
      // Until it's at the end once, nothing can have come late to where it has been.
      int back = pull.caughtUp() ? definition.overlap() : 0;
      return new Opened(
          definition,
          PullReader.open(definition, password, targets.allowed(), pull.position(), back),
          historical);
    } catch (SQLException e) {
      throw new UnreadableException(reason(definition, e, false));
    } catch (PullReader.UnfitException e) {
      throw new UnreadableException(e.reason());
    }
  }

  static String reason(PullDefinition definition, SQLException e, boolean connected) {
    return definition
        .server()
        .unreached(e, connected)
        .orElseGet(() -> "sql_" + PostgresServer.state(e));
  }

  /** Says what becomes of rows, by the rules that their source has now. */
  List<RowJudge.Judged> judge(Pull pull, Opened opened, List<PullReader.Pulled> rows) {
    PullDefinition definition = opened.definition();
    RowMapping mapping = definition.mapping();
    CursorType type = opened.reader().type();
    if (mapping != null && type.isTime()) {
      mapping = mapping.timedBy(definition.cursor(), type.format());
    }
    return new RowJudge(mapping, opened.historical(), source(pull, definition))
        .judge(
            rows.stream().map(PullReader.Pulled::row).toList(), Receipt.at(clock.instant(), null));
  }

  /** The source with its rules. */
  Source source(Pull pull, PullDefinition definition) {
    return rules.source(pull.workspaceId(), definition.source(), false, false);
  }
}
