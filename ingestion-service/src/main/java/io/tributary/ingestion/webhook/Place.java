package io.tributary.ingestion.webhook;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request holds a signature or a timestamp.
 *
 * @param in {@code header:<name>}, or {@code body:<JSON pointer>}
 * @param separator stands between several values; null for one value
 * @param prefix what the wanted values begin with, left out of them; null for nothing
 */
record Place(Where in, @Nullable String separator, @Nullable String prefix) {
  /** Senders list few: one for each key while keys rotate. */
  private static final int MAX_VALUES = 10;

  List<String> values(Incoming request, Payload payload) {
    Optional<String> text = in.text(request, payload);
    if (text.isEmpty()) {
      return List.of();
    }
    String wanted = prefix == null ? "" : prefix;
    List<String> values = new ArrayList<>(2);
    String[] parts =
        separator == null
            ? new String[] {text.get()}
            : text.get().split(Pattern.quote(separator), 4 * MAX_VALUES);
    for (String part : parts) {
      String value = part.strip();
      if (value.startsWith(wanted) && values.size() < MAX_VALUES) {
        values.add(value.substring(wanted.length()));
      }
    }
    return values;
  }
}
