package io.tributary.benchmarks;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * One keep-alive connection to the collector: a request's bytes out, status and headers back. No
 * HTTP library, which would cost about what the collector does.
 */
final class Door implements Closeable {
  private static final int TIMEOUT_MS = 10_000;
  private final Socket socket;
  private final byte[] buffer = new byte[8 * 1024];
  private int headers;

  Door(String collector) throws IOException {
    URI uri = URI.create(collector);
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), TIMEOUT_MS);
  }

  /** What stands before the content length of every request. */
  static String head(Target target, String path) {
    String key =
        Base64.getEncoder()
            .encodeToString((target.writeKey() + ":").getBytes(StandardCharsets.UTF_8));
    return "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\nContent-Type: application/json\r\n"
        .formatted(path, URI.create(target.collector()).getAuthority(), key);
  }

  /** Sends a whole request and returns the status of its answer. */
  int send(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
    InputStream in = socket.getInputStream();
    int have = 0;
    headers = -1;
    while (headers < 0) {
      int read = in.read(buffer, have, buffer.length - have);
      if (read < 0) {
        throw new EOFException("the collector closed the connection");
      }
      have += read;
      headers = endOfHeaders(have);
      if (headers < 0 && have == buffer.length) {
        throw new IOException("the collector's headers don't end");
      }
    }
    int length = header("content-length").map(Integer::parseInt).orElse(0);
    for (int left = headers + length - have; left > 0; ) {
      int read = in.read(buffer, headers, Math.min(left, buffer.length - headers));
      if (read < 0) {
        throw new EOFException("the collector's answer ended early");
      }
      left -= read;
    }
    return (buffer[9] - '0') * 100 + (buffer[10] - '0') * 10 + buffer[11] - '0';
  }

  private int endOfHeaders(int have) {
    for (int i = 3; i < have; i++) {
      if (buffer[i] == '\n' && buffer[i - 1] == '\r' && buffer[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  /** A header of the last answer, by its name in small letters. */
  Optional<String> header(String name) {
    String text = new String(buffer, 0, headers, StandardCharsets.ISO_8859_1);
    return text.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
