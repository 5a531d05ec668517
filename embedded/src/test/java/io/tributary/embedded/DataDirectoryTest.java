package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

  @TempDir Path directory;

  @Test
  void aDirectoryHasOneHolder() {
    try (DataDirectory held = DataDirectory.open(directory)) {
      assertThat(DataDirectory.inUse(held.path())).isTrue();
      assertThatThrownBy(() -> DataDirectory.open(directory)).hasMessageContaining("in use");
    }
    assertThat(DataDirectory.inUse(directory)).isFalse();
    DataDirectory.open(directory).close();
  }

  @Test
  void aLayoutOfAnotherVersionIsRefusedAndLeavesNoLock() throws Exception {
    DataDirectory.open(directory).close();
    Files.writeString(directory.resolve("layout"), "2\n");
    assertThatThrownBy(() -> DataDirectory.open(directory)).hasMessageContaining("layout 2");
    assertThat(DataDirectory.inUse(directory)).isFalse();
  }
}
