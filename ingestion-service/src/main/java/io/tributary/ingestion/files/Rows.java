package io.tributary.ingestion.files;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of a file, one after another, in memory that doesn't grow with it. */
sealed interface Rows extends Closeable permits CsvRows, NdjsonRows {

  /**
   * The next row; null at the end.
   *
   * @throws UnreadableFileException if nothing behind this place can be told apart
   */
  @Nullable Row next() throws IOException, UnreadableFileException;

  /** A row that came last from here, as it's written in the file or could be. */
  String text(Row row);
}
