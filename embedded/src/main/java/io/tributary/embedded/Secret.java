package io.tributary.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** Random secrets that are made once and kept in files only their owner can read. */
public final class Secret {

  private static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  private Secret() {}

  /** A new random text of base62 characters, about 5.95 bits each. */
  public static String random(int length) {
    SecureRandom random = new SecureRandom();
    StringBuilder text = new StringBuilder(length);
    random.ints(length, 0, BASE62.length()).forEach(i -> text.append(BASE62.charAt(i)));
    return text.toString();
  }

  /** The secret in the file; a missing one is generated and stored first. */
  public static String readOrCreate(Path file, String prefix, int length) throws IOException {
    if (Files.exists(file)) {
      return Files.readString(file).strip();
    }
    String secret = prefix + random(length);
    write(file, secret);
    return secret;
  }

  /** Replaces the file's content in one step; mode 0600 from its first byte on. */
  public static void write(Path file, String content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (var channel = java.nio.channels.FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      var bytes = java.nio.ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
