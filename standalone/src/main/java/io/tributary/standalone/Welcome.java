package io.tributary.standalone;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** What a person reads when everything is up. */
final class Welcome {

  private Welcome() {}

  static void print(PrintStream out, Connection connection, Path data, Duration took) {
    Path file = Connection.file(shown(data));
    out.print(
        """

        Tributary is ready (%s s).

          Collector  %s   sources post here, as to Segment
          API        %s/api/v1
          Write key  %s
          API token  "apiToken" in %s

        Try:
          curl -u %s: -H 'content-type: application/json' \\
            -d '{"userId":"ada","traits":{"email":"ada@example.com"}}' %s/v1/identify
          TOKEN=$(sed -n 's/.*"apiToken" : "\\(.*\\)".*/\\1/p' %s)
          curl -H "authorization: Bearer $TOKEN" '%s/api/v1/profiles?identifier=userId:ada'

        Stop with Ctrl-C or ./tributary stop. The log is in %s.
        """
            .formatted(
                String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0),
                connection.collectorUrl(),
                connection.apiUrl(),
                connection.writeKey(),
                file,
                connection.writeKey(),
                connection.collectorUrl(),
                file,
                connection.apiUrl(),
                Logs.file(shown(data))));
    out.flush();
  }

  /** Relative where the data directory lies below the working directory. */
  private static Path shown(Path data) {
    Path here = Path.of("").toAbsolutePath();
    return data.startsWith(here) ? here.relativize(data) : data;
  }
}
