package io.tributary.stream;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What a service does with the records of its input topics. {@link StageLoop} calls it from one
 * thread at a time per instance of the loop's consumer, and several threads may share one stage.
 */
public interface Stage {

  /**
   * Applies records that had no effect yet, within the given transaction, in the given order (that
   * of the log per partition). Poison is an ordinary branch: write it to the {@link Quarantine}
   * with the same connection and go on. An SQL error rolls the whole batch back; the loop sorts
   * errors (see {@link Failure}).
   *
   * @return what to append after the commit
   */
  List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException;

  /**
   * Says again what {@link #apply} said about records whose effects are already committed: derived
   * from the records and from stored facts, never from a comparison with the state, and without any
   * effect.
   */
  List<Output> reemit(Connection connection, List<InputRecord> records) throws SQLException;

  /**
   * Hears, on the thread that applied them, that the records of a batch are done: their effects are
   * committed in Postgres, their outputs and input offsets in Kafka. Not called for a batch that is
   * dropped, so it may only hasten what would happen anyway. Must be quick, for the next batch
   * waits, and must not fail.
   */
  default void committed() {}
}
