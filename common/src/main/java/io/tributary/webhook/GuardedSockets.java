package io.tributary.webhook;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import javax.net.SocketFactory;

/**
 * Sockets that connect to public addresses only, or to exactly what the operator allowed, and that
 * no server can fill or hold: between two things that are written, at most {@value #MOST_BYTES}
 * bytes come in, for at most {@link #ANSWER}; after {@link #LIFE} nothing does any more. What they
 * check is the very address that they connect to, so a name that changes its address in between
 * gains nothing. For clients that take the name of a socket factory, such as Postgres's.
 */
public final class GuardedSockets extends SocketFactory {
  /** How long one answer may take. */
  public static final Duration ANSWER = Duration.ofSeconds(15);

  /** How long a connection may be used. */
  public static final Duration LIFE = Duration.ofMinutes(3);

  private static final int MOST_BYTES = 1_000_000;

  private final WebhookTargets targets;
  private final Duration answer;
  private final Duration life;

  /**
   * A factory.
   *
   * @param allowed {@code host:port} and others, with commas between them; may be empty
   */
  public GuardedSockets(String allowed) {
    this(allowed, ANSWER, LIFE);
  }

  GuardedSockets(String allowed, Duration answer, Duration life) {
    this.targets = new WebhookTargets(Set.of(allowed.split(",")));
    this.answer = answer;
    this.life = life;
  }

  @Override
  public Socket createSocket() {
    return new Guarded();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return createSocket(host, port);
  }

  private Socket connected(InetSocketAddress to) throws IOException {
    Socket socket = createSocket();
    socket.connect(to);
    return socket;
  }

  private final class Guarded extends Socket {
    private final long born = System.nanoTime();
    private volatile long asked = System.nanoTime();
    private volatile long bytes;

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
      connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress to) || to.isUnresolved()) {
        throw new UnknownHostException("the host has no address");
      }
      if (!targets.isAllowed(to.getHostString(), to.getPort())
          && !GuardedDns.isPublic(to.getAddress())) {
        throw new ForbiddenAddressException();
      }
      super.connect(endpoint, timeout);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
          out.write(from, offset, length);
          asked();
        }

        @Override
        public void write(int one) throws IOException {
          out.write(one);
          asked();
        }
      };
    }

    private void asked() {
      asked = System.nanoTime();
      bytes = 0;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int one = in.read();
          came(one < 0 ? 0 : 1);
          return one;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          int count = in.read(into, offset, length);
          came(Math.max(0, count));
          return count;
        }
      };
    }

    // Only the thread that reads calls it; the one that writes begins anew.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void came(int count) throws IOException {
      long now = System.nanoTime();
      bytes += count;
      if (bytes > MOST_BYTES) {
        throw new SocketException("the server says more than it was asked for");
      }
      if (now - asked > answer.toNanos() || now - born > life.toNanos()) {
        throw new SocketTimeoutException("the server takes too long");
      }
    }
  }
}
