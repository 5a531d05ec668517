package io.tributary.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GuardedSocketsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** What a server does with a connection. */
  private interface Conduct {
    void with(Socket socket) throws Exception;
  }

  private static ServerSocket server(Conduct conduct) throws IOException {
    ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          try (Socket socket = server.accept()) {
            conduct.with(socket);
          } catch (Exception e) {
            // The other end has hung up.
          }
        });
    return server;
  }

  private static Socket connected(ServerSocket server, Duration answer, Duration life)
      throws IOException {
    int port = server.getLocalPort();
    Socket socket = new GuardedSockets("localhost:" + port, answer, life).createSocket();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
    return socket;
  }

  private static void drip(Socket socket) throws Exception {
    OutputStream out = socket.getOutputStream();
    while (true) {
      out.write(1);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void onlyWhatIsAllowedIsConnectedToInPrivateNetworks() throws Exception {
    try (ServerSocket server = server(GuardedSocketsTest::drip);
        Socket socket = new GuardedSockets("").createSocket()) {
      InetSocketAddress inside =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      assertThatThrownBy(() -> socket.connect(inside, 1_000))
          .isInstanceOf(ForbiddenAddressException.class);
      assertThatThrownBy(() -> socket.connect(inside))
          .isInstanceOf(ForbiddenAddressException.class);
    }
  }

  @Test
  void aServerThatSaysTooMuchIsLeft() throws Exception {
    try (ServerSocket server =
            server(socket -> {
              while (true) {
                socket.getOutputStream().write(new byte[10_000]);
              }
            });
        Socket socket = connected(server, LONG, LONG)) {
      assertThatThrownBy(() -> socket.getInputStream().readNBytes(2_000_000))
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("more than it was asked for");
    }
  }

  @Test
  void aServerThatDripsIsLeftAndOneThatIsAskedAgainIsNot() throws Exception {
    try (ServerSocket server = server(GuardedSocketsTest::drip);
        Socket socket = connected(server, Duration.ofMillis(500), LONG)) {
      long began = System.nanoTime();
      while (System.nanoTime() - began < Duration.ofSeconds(1).toNanos()) {
        socket.getOutputStream().write(1);
        assertThat(socket.getInputStream().read()).isEqualTo(1);
      }
      assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void noConnectionIsUsedForEver() throws Exception {
    try (ServerSocket server = server(GuardedSocketsTest::drip);
        Socket socket = connected(server, LONG, Duration.ofMillis(300))) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  socket.getOutputStream().write(1);
                  socket.getInputStream().read();
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aServerThatTakesNothingIsLeft() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (ServerSocket server =
            server(socket -> assertThat(done.await(50, TimeUnit.SECONDS)).isTrue());
        Socket socket = connected(server, Duration.ofMillis(500), LONG)) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  socket.getOutputStream().write(new byte[1_000_000]);
                }
              })
          .isInstanceOf(IOException.class);
      done.countDown();
    }
  }

  @Test
  void whoHasTheClientAnswerAgainAndAgainFillsNothingEither() throws Exception {
    try (ServerSocket server =
            server(socket -> {
              while (true) {
                socket.getOutputStream().write(new byte[10_000]);
              }
            });
        Socket socket = connected(server, LONG, LONG)) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  socket.getInputStream().skip(4_000);
                  socket.getInputStream().read();
                  socket.getOutputStream().write(1);
                }
              })
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("more than it was asked for");
    }
  }
}
