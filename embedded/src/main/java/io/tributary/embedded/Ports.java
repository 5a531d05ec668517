package io.tributary.embedded;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports on the loopback address. They lie below those that systems lend to outgoing connections (on
 * Linux from 32768): one of those could be lent to anybody between the question and its use, and
 * again whenever its owner is down.
 */
public final class Ports {
  private static final int FIRST = 20_000;
  private static final int COUNT = 12_000;
  private static final int ATTEMPTS = 500;

  /** Not given again: who asked may listen only seconds later. */
  private static final Set<Integer> given = ConcurrentHashMap.newKeySet();

  private Ports() {}

  /** A port that nobody listens on right now; never the same twice in one process. */
  public static int free() {
    return free(1)[0];
  }

  /** Different ports that nobody listens on right now; never the same twice in one process. */
  static int[] free(int count) {
    Set<Integer> found = new LinkedHashSet<>();
    for (int i = 0; i < ATTEMPTS && found.size() < count; i++) {
      int port = FIRST + ThreadLocalRandom.current().nextInt(COUNT);
      if (isFree("127.0.0.1", port) && isFree("0.0.0.0", port) && given.add(port)) {
        found.add(port);
      }
    }
    if (found.size() < count) {
      throw new EmbeddedServerException(
          "No free port could be found between " + FIRST + " and " + (FIRST + COUNT - 1) + ".");
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whether a server could listen on the port of this address now. */
  public static boolean isFree(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port), 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
