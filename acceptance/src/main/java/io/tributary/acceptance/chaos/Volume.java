package io.tributary.acceptance.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A file system of its own for the data of one program, which can be filled to its last block. Its
 * image is a file with holes: what isn't used takes no room.
 */
final class Volume implements Closeable {
  private static final long SIZE = 6L << 30;
  private static final long BLOCK = 4_096;
  private static final int LIMIT_SECONDS = 60;
  private final Path image;
  private final Path place;

  private Volume(Path image, Path place) {
    this.image = image;
    this.place = place;
  }

  /** Mounted at a directory; empty where this machine doesn't let us mount anything. */
  static Optional<Volume> at(Path place) throws IOException {
    Files.createDirectories(place);
    Path image = place.resolveSibling(place.getFileName() + ".image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(SIZE);
    }
    // Nothing is kept back for the administrator: full is full for everybody.
    boolean mounted =
        run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString())
            && run("mount", "-o", "loop", image.toString(), place.toString());
    if (!mounted) {
      Files.delete(image);
      return Optional.empty();
    }
    Files.delete(place.resolve("lost+found"));
    return Optional.of(new Volume(image, place));
  }

  /** Leaves no room. */
  void fill() throws IOException {
    long piece = Files.getFileStore(place).getUsableSpace();
    for (int number = 0; piece >= BLOCK; number++) {
      String ballast = place.resolve("ballast-" + number).toString();
      if (!run("fallocate", "-l", String.valueOf(piece), ballast)) {
        piece /= 2;
      }
    }
  }

  /** Makes room again. */
  void free() throws IOException {
    try (var files = Files.newDirectoryStream(place, "ballast-*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  @Override
  public void close() throws IOException {
    // Also while somebody still has a file open: it goes with its last user.
    if (!run("umount", "-l", place.toString())) {
      throw new IOException(place + " can't be unmounted");
    }
    Files.delete(image);
  }

  /** Whether the command is there and succeeds. */
  private static boolean run(String... command) throws IOException {
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(List.of(command) + " doesn't end");
      }
      return process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while running " + List.of(command), e);
    }
  }
}
