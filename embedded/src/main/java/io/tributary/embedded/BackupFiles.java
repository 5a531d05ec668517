package io.tributary.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Writes the files of a backup, closed to others, and remembers their sums. */
public final class BackupFiles {
  private static final int BUFFER = 1 << 18;
  private final Path root;
  private final LongConsumer copied;
  private final List<BackupFile> files = new ArrayList<>();

  /**
   * Files below a directory.
   *
   * @param copied is told the bytes of each piece that was written
   */
  public BackupFiles(Path root, LongConsumer copied) {
    this.root = root;
    this.copied = copied;
  }

  /**
   * A file of a backup.
   *
   * @param path below the backup's directory, with slashes
   * @param sha256 in hexadecimal digits
   */
  public record BackupFile(String path, long bytes, String sha256) {}

  /** What was written so far. */
  public List<BackupFile> written() {
    return List.copyOf(files);
  }

  /** Copies a file as it is now; false when it has gone meanwhile. */
  public boolean copy(Path from, String to) throws IOException {
    return copy(from, to, Long.MAX_VALUE, new byte[0]);
  }

  /** Copies the first bytes of a file, then others; false when it has gone meanwhile. */
  boolean copy(Path from, String to, long limit, byte[] then) throws IOException {
    try (InputStream in = Files.newInputStream(from)) {
      write(in, to, limit, then);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Writes a text. */
  public void write(String text, String to) throws IOException {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    write(new java.io.ByteArrayInputStream(bytes), to, Long.MAX_VALUE, new byte[0]);
  }

  private void write(InputStream in, String to, long limit, byte[] then) throws IOException {
    Path target = root.resolve(to);
    makeDirectories(target.getParent());
    MessageDigest digest = sha256();
    long left = limit;
    try (FileChannel channel =
            FileChannel.open(
                target,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), digest)) {
      byte[] buffer = new byte[BUFFER];
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          break;
        }
        out.write(buffer, 0, read);
        left -= read;
        copied.accept(read);
      }
      out.write(then);
      copied.accept(then.length);
      channel.force(true);
    }
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
    files.add(
        new BackupFile(to, limit - left + then.length, HexFormat.of().formatHex(digest.digest())));
  }

  /** Makes a directory of the backup, closed to others. */
  public void makeDirectory(String path) throws IOException {
    makeDirectories(root.resolve(path));
  }

  private void makeDirectories(@Nullable Path directory) throws IOException {
    if (directory != null && !Files.isDirectory(directory)) {
      makeDirectories(directory.getParent());
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /**
   * How many bytes the files of a tree have, about, while others write and delete there.
   *
   * @param ending of the names that count; empty for all
   */
  public static long size(Path tree, String ending) throws IOException {
    long[] sum = {0};
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            sum[0] += file.toString().endsWith(ending) ? attributes.size() : 0;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return sum[0];
  }

  /** The first file that isn't as it was written; empty when all are. */
  public static Optional<String> damaged(Path root, List<BackupFile> files) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (BackupFile file : files) {
      MessageDigest digest = sha256();
      try (InputStream in = Files.newInputStream(root.resolve(file.path()))) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      } catch (NoSuchFileException e) {
        return Optional.of(file.path());
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(file.sha256())) {
        return Optional.of(file.path());
      }
    }
    return Optional.empty();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
