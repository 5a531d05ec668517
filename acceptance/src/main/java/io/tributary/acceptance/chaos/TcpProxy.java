package io.tributary.acceptance.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * A piece of network between a program and its server that can be broken: connections cut or
 * refused, bytes held back without a word, delayed, or lost just behind a COMMIT.
 */
final class TcpProxy implements Closeable {
  private static final int BUFFER = 16 * 1024;
  private final ServerSocket door;
  private final Upstream upstream;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lostCommits = new AtomicInteger();
  private volatile boolean refusing;
  private volatile boolean silent;
  private volatile int delayMillis;
  private volatile BooleanSupplier commitLoss = () -> false;
  private volatile BooleanSupplier earlyEnd = () -> false;

  /**
   * A piece of network.
   *
   * @param port where it listens; 0 takes any
   * @param target the port of this machine behind it, asked for each connection
   */
  TcpProxy(int port, IntSupplier target) throws IOException {
    this(port, () -> new Socket(InetAddress.getLoopbackAddress(), target.getAsInt()));
  }

  /** Connects with the server behind a proxy. */
  interface Upstream {
    Socket connect() throws IOException;
  }

  /**
   * A piece of network.
   *
   * @param port where it listens; 0 takes any
   * @param upstream asked for each connection
   */
  TcpProxy(int port, Upstream upstream) throws IOException {
    this.door = new ServerSocket();
    door.setReuseAddress(true);
    door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
    this.upstream = upstream;
    Thread.ofVirtual().start(this::accept);
  }

  /** Where it listens. */
  int port() {
    return door.getLocalPort();
  }

  /** Resets all connections. */
  void cut() {
    links.forEach(Link::cut);
  }

  /** Whether new connections are reset at once. */
  void refuse(boolean on) {
    refusing = on;
  }

  /** Whether bytes are held back both ways, with connections that look alive. */
  void silence(boolean on) {
    silent = on;
  }

  /** How long each piece of data takes longer, each way. */
  void delay(int millis) {
    delayMillis = millis;
  }

  /** For each COMMIT: whether its answer gets lost, and the connection with it. */
  void loseCommits(BooleanSupplier chance) {
    commitLoss = chance;
  }

  /** For each connection: whether it ends when its client has said a little. */
  void endEarly(BooleanSupplier chance) {
    earlyEnd = chance;
  }

  /** How many answers to COMMIT were lost so far. */
  int lostCommits() {
    return lostCommits.get();
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        if (refusing) {
          reset(client);
        } else {
          open(client);
        }
      } catch (IOException e) {
        if (!door.isClosed()) {
          System.err.println("chaos: the proxy couldn't pass a connection on: " + e.getMessage());
        }
      }
    }
  }

  private void open(Socket client) {
    try {
      Socket server = upstream.connect();
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Link link = new Link(client, server, earlyEnd.getAsBoolean());
      links.add(link);
      Thread.ofVirtual().start(link::forward);
      Thread.ofVirtual().start(link::back);
    } catch (IOException e) {
      // The server is away: so is the proxy.
      reset(client);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // Closed already.
    }
  }

  /** One connection. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private final boolean endsEarly;
    private final CommitWatch watch = new CommitWatch();
    private volatile boolean mute;

    Link(Socket client, Socket server, boolean endsEarly) {
      this.client = client;
      this.server = server;
      this.endsEarly = endsEarly;
    }

    void forward() {
      long passed = 0;
      try {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int read; (read = in.read(buffer)) > 0; ) {
          hold();
          passed += read;
          boolean commit = watch.saw(buffer, read);
          if (commit && commitLoss.getAsBoolean()) {
            mute = true;
            out.write(buffer, 0, read);
            lostCommits.incrementAndGet();
            TimeUnit.MILLISECONDS.sleep(150);
            return;
          }
          out.write(buffer, 0, read);
          if (endsEarly && passed > 600) {
            return;
          }
        }
      } catch (IOException e) {
        // The end of this connection is what a proxy is there to pass on.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        cut();
      }
    }

    void back() {
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        byte[] buffer = new byte[BUFFER];
        for (int read; (read = in.read(buffer)) > 0; ) {
          hold();
          if (mute) {
            continue;
          }
          out.write(buffer, 0, read);
        }
        if (!mute) {
          client.shutdownOutput();
          TimeUnit.MILLISECONDS.sleep(20);
          cut();
        }
      } catch (IOException e) {
        cut();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void hold() throws InterruptedException {
      int delay = delayMillis;
      if (delay > 0) {
        TimeUnit.MILLISECONDS.sleep(delay);
      }
      while (silent && links.contains(this)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }

    void cut() {
      if (links.remove(this)) {
        reset(client);
        reset(server);
      }
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    cut();
  }
}
