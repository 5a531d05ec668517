package io.tributary.stream;

import io.tributary.trace.Traces;
import java.util.ArrayList;
import java.util.List;

/**
 * A stage's part in the traces that run through a batch: a span for each followed record, from the
 * poll to the commit. Costs a look at each record's trace, which is null while traces are off.
 */
final class BatchParts {
  private final List<Traces.Part> parts = new ArrayList<>(0);

  /** Begins the parts; the records answered lead on to them. */
  List<InputRecord> begin(Traces traces, String stage, List<InputRecord> records) {
    for (int i = 0; i < records.size(); i++) {
      InputRecord record = records.get(i);
      if (record.trace() != null) {
        Traces.Part part = traces.begin("stage " + stage, record.trace());
        parts.add(part);
        records.set(i, record.following(part.trace()));
      }
    }
    return records;
  }

  void end() {
    parts.forEach(part -> part.end(null));
  }

  void end(Throwable error) {
    parts.forEach(part -> part.end(error));
  }
}
