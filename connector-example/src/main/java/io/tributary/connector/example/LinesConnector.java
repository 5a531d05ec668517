package io.tributary.connector.example;

import io.tributary.connector.Connector;
import io.tributary.connector.Message;
import io.tributary.connector.Outcome;
import io.tributary.connector.Outlet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes each message as a line {@code {"id":…,"message":…}} at the end of a file, for whoever
 * reads files. The operator says in which directory; people only name a file in it.
 */
public final class LinesConnector implements Connector {
  /** The directory, in the environment of the process. */
  public static final String DIRECTORY = "LINES_CONNECTOR_DIRECTORY";

  private static final Pattern FILE = Pattern.compile("[a-z0-9][a-z0-9-]{0,59}");
  private final Path directory;

  /** Files in the directory that the environment names, or in a temporary one. */
  public LinesConnector() {
    this(
        Path.of(
            System.getenv()
                .getOrDefault(DIRECTORY, System.getProperty("java.io.tmpdir") + "/lines")));
  }

  LinesConnector(Path directory) {
    this.directory = directory;
  }

  @Override
  public String name() {
    return "lines";
  }

  @Override
  public Map<String, String> check(Map<String, String> settings) {
    Map<String, String> wrong = new HashMap<>();
    settings.keySet().stream()
        .filter(name -> !name.equals("file"))
        .forEach(name -> wrong.put(name, "isn't known; there is file only"));
    if (!FILE.matcher(settings.getOrDefault("file", "")).matches()) {
      wrong.put("file", "must be 1 to 60 small letters, digits and hyphens");
    }
    return wrong;
  }

  @Override
  public Outlet open(Map<String, String> settings, String secret) throws IOException {
    Files.createDirectories(directory);
    return new Lines(directory.resolve(settings.get("file") + ".ndjson"));
  }

  private static final class Lines implements Outlet {
    private final FileChannel file;

    Lines(Path path) throws IOException {
      boolean broken = endsWithin(path);
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      if (broken) {
        file.write(ByteBuffer.wrap(new byte[] {'\n'}));
      }
    }

    /** Whether somebody ended while writing a line: what follows begins a new one. */
    private static boolean endsWithin(Path path) throws IOException {
      if (!Files.exists(path)) {
        return false;
      }
      try (FileChannel read = FileChannel.open(path, StandardOpenOption.READ)) {
        ByteBuffer last = ByteBuffer.allocate(1);
        return read.size() > 0 && read.read(last, read.size() - 1) == 1 && last.get(0) != '\n';
      }
    }

    /** All of them or, as far as anybody is told, none. */
    @Override
    public List<Outcome> deliver(List<Message> messages) throws IOException {
      StringBuilder lines = new StringBuilder();
      for (Message each : messages) {
        // An id is plain text, and JSON as it comes has no line breaks outside of texts.
        lines.append("{\"id\":\"").append(each.id()).append("\",\"message\":");
        lines.append(each.json()).append("}\n");
      }
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(lines.toString());
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(true);
      return Collections.nCopies(messages.size(), new Outcome.Delivered());
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
