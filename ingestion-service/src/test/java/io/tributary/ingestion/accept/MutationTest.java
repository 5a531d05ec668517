package io.tributary.ingestion.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Whatever is done to the bytes of a request, it ends in a verdict per event or in a refusal that
 * says why, and what is accepted can be read by the next stage.
 */
class MutationTest {
  private static final long SEED = Long.getLong("tributary.test.seed", 20260301L);
  private static final int ROUNDS = 60_000;
  private static final byte[] SPLINTERS =
      "{}[]\",:\\u0000\\ud800e9-+.0123tfn\u0000\u0001\n é😀".getBytes(StandardCharsets.UTF_8);

  private static final List<byte[]> REQUESTS =
      List.of(
          AcceptCases.json(
              "{'batch':[{'type':'track','event':'Ä \\ud83d\\ude00','userId':'u','messageId':'m',"
                  + "'timestamp':'2026-03-01T11:00:00.000Z','properties':{'a':[1,2.5e3,{'b':null}],"
                  + "'t':true}},{'type':'identify','anonymousId':'a','traits':{'email':'x@y.z'},"
                  + "'context':{'ip':'::1','library':{'name':'n'}}},{'type':'alias','userId':7,"
                  + "'previousId':'p','integrations':{'All':false}}],"
                  + "'sentAt':'2026-03-01T12:00:00.000Z','context':{'direct':true},"
                  + "'integrations':{'X':{}},'writeKey':'k'}"),
          AcceptCases.json(
              "{'userId':'u','event':'A','timestamp':1767323045678,'properties':{'x':[[[]]]},"
                  + "'_metadata':{},'context':[]}"));

  @Test
  void noMutationBreaksTheCollector() {
    Random random = new Random(SEED);
    long began = System.nanoTime();
    int legible = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int which = random.nextInt(REQUESTS.size());
      byte[] body = mutated(REQUESTS.get(which), random);
      Call call = which == 0 ? Call.BATCH : Call.of(EventType.TRACK);
      try {
        legible += check(body, call);
      } catch (RuntimeException | AssertionError e) {
        fail("seed " + SEED + " round " + round + ": " + Arrays.toString(body), e);
      }
    }
    assertThat(legible).as("mutations that stay JSON").isGreaterThan(ROUNDS / 20);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMinutes(2));
  }

  private static int check(byte[] body, Call call) {
    return switch (CollectRequest.read(body, call)) {
      case Reading.Illegible illegible -> {
        assertThat(illegible.code()).isNotBlank();
        yield 0;
      }
      case Reading.Legible legible -> {
        CollectRequest request = legible.request();
        request.eventKeys();
        request.envelope();
        Receipt receipt = new Receipt(AcceptCases.NOW, "::1", () -> "made");
        request.judge(AcceptCases.WEB, receipt).forEach(MutationTest::check);
        yield 1;
      }
    };
  }

  private static void check(Verdict verdict) {
    switch (verdict) {
      case Verdict.Accepted accepted -> {
        byte[] value = accepted.draft().encode();
        CollectedEvent event = CollectedEvent.decode(value);
        assertThat(event.workspaceId()).isEqualTo("ws_1");
        // The store's own parser must take all of it, too.
        JsonNode tree = event.json().tree();
        assertThat(tree.get("receivedAt").asString()).isEqualTo(AcceptCases.NOW.toString());
        assertThat(event.timestamp()).isBeforeOrEqualTo(AcceptCases.NOW);
        assertThat(tree.toString()).doesNotContain("\\u0000");
      }
      case Verdict.Rejected rejected -> {
        assertThat(rejected.reasons()).isNotEmpty();
        assertThat(Reason.json(rejected.reasons())).doesNotContain("\\u0000");
        assertThat(rejected.original()).isNotEmpty();
      }
    }
  }

  private static byte[] mutated(byte[] request, Random random) {
    byte[] body = request.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      body = changed(body, random);
    }
    return body;
  }

  private static byte[] changed(byte[] body, Random random) {
    if (body.length < 4) {
      return body;
    }
    int at = random.nextInt(body.length);
    switch (random.nextInt(6)) {
      case 0 -> body[at] = (byte) random.nextInt(256);
      case 1 -> body[at] = SPLINTERS[random.nextInt(SPLINTERS.length)];
      case 2 -> {
        return Arrays.copyOf(body, at);
      }
      case 3 -> {
        int length = Math.min(body.length - at, 1 + random.nextInt(20));
        return spliced(body, at, at + length, new byte[0]);
      }
      case 4 -> {
        int from = random.nextInt(body.length);
        byte[] piece =
            Arrays.copyOfRange(body, from, Math.min(body.length, from + 1 + random.nextInt(60)));
        return spliced(body, at, at, piece);
      }
      default -> {
        int from = random.nextInt(SPLINTERS.length);
        byte[] piece =
            Arrays.copyOfRange(
                SPLINTERS, from, Math.min(SPLINTERS.length, from + 1 + random.nextInt(8)));
        return spliced(body, at, at, piece);
      }
    }
    return body;
  }

  private static byte[] spliced(byte[] body, int from, int to, byte[] piece) {
    byte[] result = new byte[body.length - (to - from) + piece.length];
    System.arraycopy(body, 0, result, 0, from);
    System.arraycopy(piece, 0, result, from, piece.length);
    System.arraycopy(body, to, result, from + piece.length, body.length - to);
    return result;
  }
}
