package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFilesTest {
  @TempDir Path directory;

  @Test
  void allBytesThatAreWrittenAreToldThoseBehindTheCutIncluded() throws IOException {
    Path from = Files.write(directory.resolve("from"), new byte[600_000]);
    LongAdder told = new LongAdder();
    BackupFiles files = new BackupFiles(directory.resolve("backup"), told::add);
    assertThat(files.copy(from, "cut", 500_000, new byte[] {1, 2, 3})).isTrue();
    files.write("a text", "text");
    assertThat(Files.size(directory.resolve("backup/cut"))).isEqualTo(500_003);
    assertThat(told.sum())
        .isEqualTo(500_009)
        .isEqualTo(files.written().stream().mapToLong(BackupFiles.BackupFile::bytes).sum());
  }
}
