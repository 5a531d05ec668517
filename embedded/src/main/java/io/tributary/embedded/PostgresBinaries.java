package io.tributary.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Postgres' programs, unpacked once per version from the archive on the class path. */
final class PostgresBinaries {

  /** Must change with the artifact's version: an unpacked directory is never written again. */
  static final String VERSION = "18.1.0";

  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r--r--");

  private PostgresBinaries() {}

  /** The directory with {@code bin}, {@code lib} and {@code share}. */
  static Path unpack(Path parent) throws IOException {
    Path target = parent.resolve("postgres-" + VERSION);
    if (Files.isDirectory(target)) {
      return target;
    }
    Files.createDirectories(parent);
    Path unfinished = Files.createTempDirectory(parent, "unpacking");
    Files.setPosixFilePermissions(unfinished, PROGRAM);
    try {
      unpackInto(unfinished);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException anotherWasFaster) {
      Trees.delete(unfinished);
    }
    return target;
  }

  private static void unpackInto(Path directory) throws IOException {
    try (InputStream archive = open();
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                new XZInputStream(new BufferedInputStream(archive, 1 << 16)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpackEntry(directory, tar, entry);
      }
    }
  }

  private static void unpackEntry(Path directory, TarArchiveInputStream tar, TarArchiveEntry entry)
      throws IOException {
    Path file = directory.resolve(entry.getName()).normalize();
    if (!file.startsWith(directory)) {
      throw new IOException("archive entry leaves its directory: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(file);
      Files.setPosixFilePermissions(file, PROGRAM);
      return;
    }
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
    } else if (entry.isLink()) {
      Files.createLink(file, directory.resolve(entry.getLinkName()));
    } else {
      Files.copy(tar, file);
      Files.setPosixFilePermissions(file, (entry.getMode() & 0100) != 0 ? PROGRAM : FILE);
    }
  }

  private static InputStream open() throws IOException {
    String machine = System.getProperty("os.arch", "");
    String name =
        "postgres-linux-"
            + switch (machine) {
              case "amd64" -> "x86_64";
              case "aarch64" -> "arm_64";
              default -> machine;
            }
            + ".txz";
    InputStream found = PostgresBinaries.class.getClassLoader().getResourceAsStream(name);
    if (found == null) {
      throw new EmbeddedServerException(
          "There is no embedded Postgres for "
              + System.getProperty("os.name")
              + " on "
              + machine
              + ". Start a Postgres 18 yourself and name it with TRIBUTARY_DATABASE_URL.");
    }
    return found;
  }
}
