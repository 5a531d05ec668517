package io.tributary.webhook;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Set;
import javax.net.SocketFactory;

/**
 * Sockets that connect to public addresses only, or to exactly what the operator allowed. What they
 * check is the very address that they connect to, so a name that changes its address in between
 * gains nothing. For clients that take the name of a socket factory, such as Postgres's.
 */
public final class GuardedSockets extends SocketFactory {
  private final WebhookTargets targets;

  /**
   * A factory.
   *
   * @param allowed {@code host:port} and others, with commas between them; may be empty
   */
  public GuardedSockets(String allowed) {
    this.targets = new WebhookTargets(Set.of(allowed.split(",")));
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
  }
}
