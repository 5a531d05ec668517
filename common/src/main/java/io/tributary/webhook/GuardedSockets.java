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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets that connect to public addresses only, or to exactly what the operator allowed, and that
 * no server can fill or hold: between two things that are written, at most {@value #MOST_BYTES}
 * bytes come in, and neither reading nor writing takes longer than {@link #ANSWER}; after {@link
 * #LIFE} it's over. What they check is the very address that they connect to, so a name that
 * changes its address in between gains nothing. For clients that take the name of a socket factory,
 * such as Postgres's.
 */
public final class GuardedSockets extends SocketFactory {
  /** How long one answer may take. */
  public static final Duration ANSWER = Duration.ofSeconds(15);

  /** How long a connection may be used. */
  public static final Duration LIFE = Duration.ofMinutes(3);

  private static final int MOST_BYTES = 1_000_000;

  /** A server can have a client write something, so that alone isn't enough. */
  private static final int MOST_BYTES_IN_ALL = 16_000_000;

  private static final int SKIPPED = 8_192;
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("guarded-sockets").factory());

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
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong allBytes = new AtomicLong();
    private volatile long asked = System.nanoTime();
    private volatile @Nullable ScheduledFuture<?> watch;

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
      long often = Math.max(1, answer.toMillis() / 10);
      watch = WATCH.scheduleWithFixedDelay(this::look, often, often, TimeUnit.MILLISECONDS);
    }

    /** Who waits for the other side, to say or to take something, is woken by the end. */
    private void look() {
      long now = System.nanoTime();
      if (isClosed()
          || now - born > life.toNanos()
          || (busy.get() > 0 && now - asked > answer.toNanos())) {
        try {
          close();
        } catch (IOException e) {
          // Then it's closed.
        }
      }
    }

    @Override
    public void close() throws IOException {
      ScheduledFuture<?> begun = watch;
      if (begun != null) {
        begun.cancel(false);
      }
      super.close();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
          asked = System.nanoTime();
          bytes.set(0);
          busy.incrementAndGet();
          try {
            out.write(from, offset, length);
          } finally {
            busy.decrementAndGet();
          }
        }

        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one}, 0, 1);
        }
      };
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          busy.incrementAndGet();
          try {
            int count = in.read(into, offset, length);
            came(Math.max(0, count));
            return count;
          } finally {
            busy.decrementAndGet();
          }
        }

        @Override
        public long skip(long count) throws IOException {
          return Math.max(0, read(new byte[(int) Math.min(Math.max(count, 0), SKIPPED)]));
        }
      };
    }

    private void came(int count) throws IOException {
      if (bytes.addAndGet(count) > MOST_BYTES || allBytes.addAndGet(count) > MOST_BYTES_IN_ALL) {
        throw new SocketException("the server says more than it was asked for");
      }
      if (System.nanoTime() - asked > answer.toNanos()) {
        throw new SocketTimeoutException("the server takes too long");
      }
    }
  }
}
