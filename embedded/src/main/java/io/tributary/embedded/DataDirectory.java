package io.tributary.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A data directory held by this process alone. The operating system drops the lock when the process
 * ends, however it ends, so no stale lock can remain.
 */
public final class DataDirectory implements AutoCloseable {

  /** Layout of the directory; a newer one is refused. */
  static final int LAYOUT = 1;

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private DataDirectory(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /** Creates the directory when it's missing, locks it and checks its layout. */
  public static DataDirectory open(Path path) {
    Path directory = path.toAbsolutePath().normalize();
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw new EmbeddedServerException(
            "The data directory "
                + directory
                + " is in use by another process. Stop that one (./tributary stop"
                + " --data "
                + directory
                + ") or choose another directory with --data.");
      }
      DataDirectory opened = new DataDirectory(directory, channel, lock);
      opened.checkLayout();
      return opened;
    } catch (IOException e) {
      throw new EmbeddedServerException(
          "The data directory " + directory + " can't be used: " + e, e);
    }
  }

  /** Whether a process holds the directory's lock now. */
  public static boolean inUse(Path path) {
    Path file = path.resolve("lock");
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = tryLock(channel)) {
      return lock == null;
    } catch (IOException e) {
      throw new EmbeddedServerException("The lock file " + file + " can't be read: " + e, e);
    }
  }

  /** The absolute path. */
  public Path path() {
    return path;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  private void checkLayout() throws IOException {
    Path stamp = path.resolve("layout");
    if (!Files.exists(stamp)) {
      Files.writeString(stamp, LAYOUT + "\n");
      return;
    }
    String found = Files.readString(stamp).strip();
    if (!found.equals(String.valueOf(LAYOUT))) {
      close();
      throw new EmbeddedServerException(
          "The data directory "
              + path
              + " has layout "
              + found
              + ", this version reads layout "
              + LAYOUT
              + ". Use the version of Tributary that wrote it, or a newer one.");
    }
  }

  /** Notes who holds the lock, for people who look into the directory. */
  public void noteHolder(long pid) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.UTF_8)), 0);
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new EmbeddedServerException("The lock of " + path + " couldn't be released: " + e, e);
    }
  }
}
