package io.tributary.acceptance.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CommitWatchTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @Test
  void seesASimpleCommitAmongOtherQueries() throws IOException {
    start();
    message('Q', "select 'commit'\0");
    assertThat(sees()).isFalse();
    message('Q', "COMMIT\0");
    assertThat(sees()).isTrue();
  }

  @Test
  void seesAPreparedCommitEachTimeItIsBound() throws IOException {
    start();
    message('P', "S_1\0COMMIT\0\0\0");
    assertThat(sees()).isFalse();
    message('B', "\0S_2\0\0\0");
    assertThat(sees()).isFalse();
    message('B', "\0S_1\0\0\0");
    assertThat(sees()).isTrue();
    message('B', "portal\0S_1\0\0\0");
    assertThat(sees()).isTrue();
  }

  @Test
  void forgetsAStatementThatIsPreparedAnew() throws IOException {
    start();
    message('P', "\0COMMIT\0\0\0");
    message('P', "\0select 1\0\0\0");
    message('B', "\0\0\0\0");
    assertThat(sees()).isFalse();
  }

  @Test
  void readsThroughLongMessages() throws IOException {
    start();
    message('d', "x".repeat(100_000));
    message('Q', "commit\0");
    assertThat(sees()).isTrue();
  }

  private final CommitWatch watch = new CommitWatch();

  /** Byte by byte, as the network may bring it. */
  private boolean sees() {
    boolean seen = false;
    for (byte each : said.toByteArray()) {
      seen |= watch.saw(new byte[] {each}, 1);
    }
    said.reset();
    return seen;
  }

  private void start() throws IOException {
    DataOutputStream out = new DataOutputStream(said);
    out.writeInt(8);
    out.writeInt(80_877_103); // asks for encryption
    byte[] parameters = "user\0tributary\0\0".getBytes(StandardCharsets.UTF_8);
    out.writeInt(8 + parameters.length);
    out.writeInt(196_608);
    out.write(parameters);
  }

  private void message(char type, String body) throws IOException {
    DataOutputStream out = new DataOutputStream(said);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    out.write(type);
    out.writeInt(4 + bytes.length);
    out.write(bytes);
  }
}
