package io.tributary.standalone;

import io.tributary.embedded.BackupFiles.BackupFile;
import io.tributary.embedded.KafkaBackup.GroupOffset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a backup holds; written last, so a directory with one is a finished backup.
 *
 * @param format of the directory
 * @param begunAt when taking it began
 * @param postgresAt when Postgres' part was done: it has all that was committed before {@code
 *     begunAt}, and nothing that was committed after this
 * @param finishedAt when everything was written and read again
 * @param groups how far Kafka's groups were, before its log was copied
 * @param files everything else in the directory
 */
record Manifest(
    int format,
    Instant begunAt,
    Instant postgresAt,
    Instant finishedAt,
    List<GroupOffset> groups,
    List<BackupFile> files) {
  static final int FORMAT = 1;
  private static final String FILE = "manifest.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  Manifest {
    groups = List.copyOf(groups);
    files = List.copyOf(files);
  }

  long bytes() {
    return files.stream().mapToLong(BackupFile::bytes).sum();
  }

  void write(Path backup) throws IOException {
    io.tributary.embedded.Secret.write(backup.resolve(FILE), JSON.writeValueAsString(this) + "\n");
  }

  static Manifest read(Path backup) throws IOException {
    try {
      Manifest manifest = JSON.readValue(Files.readString(backup.resolve(FILE)), Manifest.class);
      if (manifest.format() != FORMAT) {
        throw new RefusedException(
            "The backup in "
                + backup
                + " has format "
                + manifest.format()
                + "; this version reads format "
                + FORMAT
                + ".");
      }
      return manifest;
    } catch (NoSuchFileException e) {
      throw new RefusedException(
          "There is no finished backup in " + backup + ": it has no " + FILE + ".");
    } catch (JacksonException e) {
      throw new RefusedException(backup.resolve(FILE) + " is damaged and can't be read.");
    }
  }
}
