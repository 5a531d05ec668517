package io.tributary.ingestion.files;

import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import java.util.Optional;

/** The parts of a file as one stream; holds one part at a time. */
final class PartsStream extends InputStream {
  private final ImportStore store;
  private final String id;
  private final MessageDigest digest;
  private byte[] part = new byte[0];
  private int number;
  private int at;
  private long position;
  private boolean ended;

  PartsStream(ImportStore store, String id) {
    this.store = store;
    this.id = id;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public int read() {
    return isAtEnd() ? -1 : counted(part[at++] & 0xff);
  }

  private int counted(int value) {
    position++;
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (isAtEnd()) {
      return -1;
    }
    int count = Math.min(length, part.length - at);
    System.arraycopy(part, at, target, offset, count);
    at += count;
    position += count;
    return count;
  }

  private boolean isAtEnd() {
    while (at == part.length && !ended) {
      Optional<byte[]> next = store.part(id, number + 1);
      ended = next.isEmpty();
      if (next.isPresent()) {
        number++;
        part = next.get();
        at = 0;
        digest.update(part);
      }
    }
    return at == part.length;
  }

  /** How many bytes have been read. */
  long position() {
    return position;
  }

  /** SHA-256 of all parts; right once the end was reached. */
  byte[] digest() {
    return digest.digest();
  }
}
