package io.tributary.stream;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What an error of a batch means for the loop; the one place that tells retry from quarantine. */
public enum Failure {
  /**
   * The database is away, busy or chose this transaction as a victim: the same batch again, without
   * end.
   */
  TRANSIENT,
  /** Somebody else was faster: reload and again, without end. */
  RACE,
  /** Some record holds what can't be stored or processed: find it and put it into quarantine. */
  DATA;

  /**
   * Sorts by the SQLState of the first SQL error among the causes; what isn't an SQL error lies in
   * a record or in our code.
   */
  public static Failure of(Throwable error) {
    SQLException sql = sqlCause(error);
    if (sql == null) {
      return DATA;
    }
    String state = sql.getSQLState();
    if (state == null || state.length() < 5) {
      return TRANSIENT;
    }
    return switch (state) {
      case "40001", "40P01", "23505", "23503", "23P01" -> RACE;
      case "23502", "23514" -> DATA;
      // A table or column that this version needs isn't there (yet, or any more), whichever record
      // comes: a newer or older instance of the service has another schema. That's no record's
      // fault.
      case "42P01", "42703" -> TRANSIENT;
      default -> state.startsWith("22") ? DATA : unusual(state);
    };
  }

  /**
   * The rest of class 42 (a statement that can't be right) and 0A are our own mistakes, found with
   * the record that provokes them.
   */
  private static Failure unusual(String state) {
    return state.startsWith("42") || state.startsWith("0A") || state.startsWith("54")
        ? DATA
        : TRANSIENT;
  }

  private static @Nullable SQLException sqlCause(Throwable error) {
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < 20; depth++) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
      cause = cause.getCause();
    }
    return null;
  }
}
