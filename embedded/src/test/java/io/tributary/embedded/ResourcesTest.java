package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourcesTest {
  @Test
  void aSizeStaysBetweenItsBoundsAndIsRoundedDown() {
    assertThat(Resources.megabytes(0, 128, 2_048)).isEqualTo("128MB");
    assertThat(Resources.megabytes(1_000L << 20, 128, 2_048)).isEqualTo("992MB");
    assertThat(Resources.megabytes(1L << 40, 128, 2_048)).isEqualTo("2048MB");
  }

  @Test
  void memoryAndDiskAreKnownAlsoForADirectoryThatIsYetToBeMade(@TempDir Path directory) {
    assertThat(Resources.memory()).isGreaterThan(256L << 20);
    assertThat(Resources.freeDisk(directory.resolve("a/b"))).isPositive();
  }
}
