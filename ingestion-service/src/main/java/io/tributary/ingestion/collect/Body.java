package io.tributary.ingestion.collect;

import io.tributary.ingestion.accept.CollectRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the raw bytes of a request, whatever its content type says, and inflates them. */
final class Body {
  static final int MAX_BYTES = CollectRequest.MAX_BYTES;

  /** No honest JSON is packed tighter; what is has been made to fill the memory. */
  private static final int MAX_RATIO = 200;

  private static final int UNSUSPICIOUS = 256 * 1024;
  private static final int FIRST = 16 * 1024;

  private Body() {}

  static byte[] read(HttpServletRequest request, InFlight.Share share)
      throws IOException, RefusedException {
    long length = request.getContentLengthLong();
    if (length > MAX_BYTES) {
      throw tooLarge();
    }
    Counting raw = new Counting(request.getInputStream());
    if (isGzip(request)) {
      try (InputStream inflated = new GZIPInputStream(raw, 8 * 1024)) {
        return drain(inflated, raw, FIRST, true, share);
      } catch (ZipException | EOFException e) {
        throw new RefusedException(
            400, "invalid_gzip", "The body isn't the gzip that Content-Encoding announces.");
      }
    }
    return drain(raw, raw, length > 0 ? (int) length : FIRST, false, share);
  }

  private static boolean isGzip(HttpServletRequest request) throws RefusedException {
    String encoding = request.getHeader("Content-Encoding");
    if (encoding == null || encoding.isBlank()) {
      return false;
    }
    return switch (encoding.strip().toLowerCase(Locale.ROOT)) {
      case "identity" -> false;
      case "gzip", "x-gzip" -> true;
      default ->
          throw new RefusedException(
              415, "unsupported_encoding", "Send the body plain or with Content-Encoding: gzip.");
    };
  }

  private static byte[] drain(
      InputStream in, Counting raw, int first, boolean inflating, InFlight.Share share)
      throws IOException, RefusedException {
    byte[] buffer = grown(new byte[0], first, share);
    int size = 0;
    while (true) {
      if (size == buffer.length) {
        int next = in.read();
        if (next < 0) {
          return buffer;
        }
        if (size >= MAX_BYTES) {
          throw tooLarge();
        }
        buffer = grown(buffer, Math.min(Math.max(2 * size, FIRST), MAX_BYTES), share);
        buffer[size++] = (byte) next;
      }
      int read = in.read(buffer, size, buffer.length - size);
      if (read < 0) {
        return Arrays.copyOf(buffer, size);
      }
      size += read;
      if (inflating && size > UNSUSPICIOUS && size / MAX_RATIO > raw.count) {
        throw new RefusedException(
            413, "compressed_too_tightly", "The body inflates to more than 200 times its size.");
      }
    }
  }

  private static byte[] grown(byte[] buffer, int size, InFlight.Share share)
      throws RefusedException {
    if (!share.take(size - buffer.length)) {
      throw new RefusedException(
          429, "too_busy", "Too many bytes are being worked on; send the request again shortly.");
    }
    return Arrays.copyOf(buffer, size);
  }

  private static RefusedException tooLarge() {
    return new RefusedException(
        413, "body_too_large", "A body may have " + MAX_BYTES + " bytes after inflating.");
  }

  /** Counts what came over the wire. */
  private static final class Counting extends FilterInputStream {
    private long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = super.read(bytes, from, length);
      count += Math.max(read, 0);
      if (count > MAX_BYTES) {
        throw new ZipException("more than any body may have");
      }
      return read;
    }
  }
}
