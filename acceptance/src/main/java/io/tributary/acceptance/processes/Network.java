package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The addresses and names that Compose's network would give to containers. Linux answers at all of
 * 127.0.0.0/8, so each process has an address of its own and keeps the ports of the Compose file; a
 * JVM reads names from the file that its property {@code jdk.net.hosts.file} names, so addresses
 * such as {@code http://identity:8072} stay as they are.
 */
final class Network {

  /**
   * Below the ports that the system lends: nobody else gets such a port while its owner is down.
   */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 12_000;
  private static final int ATTEMPTS = 200;

  private final Path hosts;
  private final String prefix;
  private final Map<String, String> addresses = new TreeMap<>();
  private int next = 1;

  /** Makes a network with a file for its names; the file exists from now on. */
  Network(Path hosts) {
    this.hosts = hosts;
    this.prefix = prefix();
    write(Map.of());
  }

  /** The same address each time for a program such as {@code identity-2}. */
  synchronized String address(String program) {
    return addresses.computeIfAbsent(program, name -> prefix + next++);
  }

  /** The option of a JVM that knows these names. */
  String javaOption() {
    return "-Djdk.net.hosts.file=" + hosts;
  }

  /** Makes known who is there: each service's name and the addresses of its instances. */
  synchronized void write(Map<String, ? extends Iterable<String>> byName) {
    StringBuilder text = new StringBuilder("127.0.0.1 localhost\n");
    text.append("127.0.0.1 ").append(machine()).append('\n');
    byName.forEach((name, all) ->
        all.forEach(address -> text.append(address).append(' ').append(name).append('\n')));
    Path fresh = hosts.resolveSibling(hosts.getFileName() + ".new");
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, hosts, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + hosts, e);
    }
  }

  /** A port on 127.0.0.1 that nobody listens at, and that the system lends to nobody. */
  static int port() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
      if (isFree("127.0.0.1", port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port found");
  }

  private static String prefix() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      String prefix = "127." + random.nextInt(16, 255) + "." + random.nextInt(255) + ".";
      if (isFree(prefix + "1", 8_070)) {
        return prefix;
      }
    }
    throw new IllegalStateException("no free addresses found below 127.0.0.0/8");
  }

  private static boolean isFree(String address, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port), 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** Libraries ask for the address of the machine's own name. */
  private static String machine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("reading the machine's name", e);
    }
  }
}
