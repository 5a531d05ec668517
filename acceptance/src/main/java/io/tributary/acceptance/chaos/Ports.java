package io.tributary.acceptance.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that stay the same over many restarts: below those that the system lends to others, so that
 * nobody takes one while its owner is down.
 */
final class Ports {
  private static final int FIRST = 20_000;
  private static final int COUNT = 12_000;
  private static final int ATTEMPTS = 200;

  private Ports() {}

  /** A port that nobody listens at. */
  static int free() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = FIRST + ThreadLocalRandom.current().nextInt(COUNT);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException e) {
        // Taken: another one.
      }
    }
    throw new UncheckedIOException(new IOException("no free port among " + COUNT));
  }
}
