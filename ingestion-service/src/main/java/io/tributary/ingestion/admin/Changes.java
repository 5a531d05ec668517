package io.tributary.ingestion.admin;

import io.tributary.web.Problem;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions that change what people name: a name that is taken is their problem. */
public final class Changes {
  private final TransactionTemplate transaction;
  private final String kind;
  private final String uniqueName;

  /**
   * Changes of one kind of thing.
   *
   * @param kind how people call it, in the singular
   * @param uniqueName the database's constraint or index that keeps names apart
   */
  public Changes(TransactionTemplate transaction, String kind, String uniqueName) {
    this.transaction = transaction;
    this.kind = kind;
    this.uniqueName = uniqueName;
  }

  /**
   * Has those wait who want the same of this workspace, until the transaction at hand has ended:
   * else two could both be the last that is allowed.
   */
  public static void oneAtATime(JdbcClient jdbc, String workspaceId) {
    jdbc.sql("select 1 from access.workspace where workspace_id = :workspace for update")
        .param("workspace", workspaceId)
        .query()
        .listOfRows();
  }

  /** Does the work in a transaction; it answers something. */
  public <T> T run(Supplier<T> work) {
    return Objects.requireNonNull(transaction.execute(_ -> work.get()));
  }

  /** The same for work that gives a name; 409 when another has it. */
  public <T> T named(String name, Supplier<T> work) {
    try {
      return run(work);
    } catch (DataIntegrityViolationException e) {
      if (String.valueOf(e.getMessage()).contains(uniqueName)) {
        throw Problem.conflict(
            "name_taken",
            "There is a " + kind + " named " + name + " already; choose another name.");
      }
      throw e;
    }
  }
}
