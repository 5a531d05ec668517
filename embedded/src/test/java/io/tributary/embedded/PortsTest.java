package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortsTest {

  @Test
  void eachIsGivenOnceAndNoneOfThoseThatTheSystemLends() {
    int[] ports = IntStream.range(0, 2_000).map(i -> Ports.free()).toArray();
    assertThat(ports).doesNotHaveDuplicates();
    assertThat(IntStream.of(ports)).allMatch(port -> port < 32_768);
  }

  @Test
  void whatIsGivenTogetherDiffersAndIsFree() {
    int[] ports = Ports.free(50);
    assertThat(ports).doesNotHaveDuplicates();
    assertThat(IntStream.of(ports)).allMatch(port -> Ports.isFree("127.0.0.1", port));
  }

  @Test
  void whatSomebodyListensOnIsNotFree() throws Exception {
    int port = Ports.free();
    try (ServerSocket owner = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(Ports.isFree("127.0.0.1", owner.getLocalPort())).isFalse();
      assertThat(Ports.isFree("0.0.0.0", port)).isFalse();
    }
    assertThat(Ports.isFree("127.0.0.1", port)).isTrue();
  }
}
