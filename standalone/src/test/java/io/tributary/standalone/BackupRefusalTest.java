package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.embedded.BackupFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can't be done right is refused in plain words, and leaves everything as it was. */
class BackupRefusalTest {
  @TempDir Path directory;
  private Path backup;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    backup = directory.resolve("backup");
    data = directory.resolve("data");
    BackupFiles files = new BackupFiles(backup, bytes -> {});
    files.write("18\n", "postgres/data/PG_VERSION");
    new Manifest(
            Manifest.FORMAT,
            Instant.EPOCH,
            Instant.EPOCH,
            Instant.EPOCH,
            List.of(),
            files.written())
        .write(backup);
  }

  @Test
  void aBackupNeedsARunningTributary() {
    assertThatThrownBy(() -> run("backup", "--to", backup.toString()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("isn't running")
        .hasMessageContaining("cp -a");
  }

  @Test
  void whatIsNotFinishedOrDamagedIsNoBackup() throws IOException {
    assertThatThrownBy(() -> run("restore", "--from", directory.toString()))
        .hasMessageContaining("no finished backup");
    Files.writeString(backup.resolve("postgres/data/PG_VERSION"), "17\n");
    assertThatThrownBy(() -> run("restore", "--from", backup.toString()))
        .hasMessageContaining("damaged")
        .hasMessageContaining("PG_VERSION");
    assertThat(data).doesNotExist();
  }

  @Test
  void aDirectoryWithDataIsNotOverwritten() throws IOException {
    Files.createDirectories(data.resolve("postgres/data"));
    assertThatThrownBy(() -> run("restore", "--from", backup.toString()))
        .hasMessageContaining("isn't empty")
        .hasMessageContaining("--keep-log");
    assertThatThrownBy(() -> run("restore", "--keep-log", "--from", backup.toString()))
        .hasMessageContaining("no Kafka log");
    assertThat(data.resolve("postgres/data")).isEmptyDirectory();
  }

  @Test
  void aNewLogNeedsADatabaseAndNoBackup() {
    assertThatThrownBy(() -> run("restored", "--new-log"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("holds no Postgres data");
    assertThatThrownBy(() -> run("restore", "--new-log", "--from", backup.toString()))
        .hasMessageContaining("./tributary restored --new-log");
  }

  @Test
  void aRestoreThatWasCutOffIsNotStarted() throws IOException {
    Files.createDirectories(data);
    Files.writeString(data.resolve("restoring"), "since then\n");
    assertThatThrownBy(() -> Restore.requireComplete(data))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("cut off");
  }

  @Test
  void aDatabaseOfOnesOwnMustBeNamed() {
    assertThatThrownBy(() -> run("restored"))
        .hasMessageContaining("TRIBUTARY_DATABASE_URL")
        .hasMessageContaining("tributary restore");
  }

  private void run(String... arguments) {
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = data.toString();
    Options options = Options.parse(all, Map.of());
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    int status =
        switch (options.command()) {
          case BACKUP -> new Backup(options, out).take();
          case RESTORE -> new Restore(options, out).run();
          case RESTORED -> Restored.say(options, out);
          default -> throw new IllegalArgumentException(arguments[0]);
        };
    assertThat(status).isZero();
  }
}
