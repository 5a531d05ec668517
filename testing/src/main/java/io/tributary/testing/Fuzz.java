package io.tributary.testing;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Feeds a parser with mutations of a corpus. The corpus is a folder of files, of which those that
 * once broke something stay for ever; each is tried as it is before anything is changed.
 *
 * <p>Bounded by {@code -Dtributary.fuzz.rounds} (20,000) or, for a long run, {@code
 * -Dtributary.fuzz.seconds}; {@code -Dtributary.seed} repeats one.
 */
public final class Fuzz {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Duration LONGEST = Duration.ofSeconds(2);
  private static final long MOST_BYTES = 256L << 20;
  private static final byte[] SPLINTERS =
      "{}[]\",:\\u0000\\ud800e9-+.0123tfn%|{{}}{%%}<>&=?;'()\u0000\u0001\n é😀\u00ff"
          .getBytes(StandardCharsets.UTF_8);

  /** What is tried. Returns for what it takes and for what it refuses in the agreed way. */
  public interface Target {
    /**
     * Reads an input.
     *
     * @throws Exception what must not happen
     */
    void read(byte[] input) throws Exception;
  }

  private final List<byte[]> corpus;
  private final Random random;
  private final long seed = Long.getLong("tributary.seed", System.nanoTime());

  private Fuzz(List<byte[]> corpus) {
    this.corpus = corpus;
    this.random = new Random(seed);
  }

  /** Tries the files of {@code src/test/resources/fuzz/<name>} of the module, and mutations. */
  public static void run(String name, Target target) {
    Path folder = Path.of("src/test/resources/fuzz", name);
    List<byte[]> corpus = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        corpus.add(Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new IllegalStateException("the corpus " + folder, e);
    }
    if (corpus.isEmpty()) {
      throw new IllegalStateException("the corpus " + folder + " is empty");
    }
    new Fuzz(corpus).run(name, target, Long.getLong("tributary.fuzz.seconds", 0));
  }

  private void run(String name, Target target, long seconds) {
    System.out.println("fuzz " + name + " seed=" + seed);
    for (byte[] input : corpus) {
      attempt(name, target, input);
    }
    long began = System.nanoTime();
    long rounds = Long.getLong("tributary.fuzz.rounds", 20_000);
    for (long round = 0; goesOn(round, rounds, began, seconds); round++) {
      attempt(name, target, mutated());
    }
  }

  private static boolean goesOn(long round, long rounds, long began, long seconds) {
    return seconds == 0
        ? round < rounds
        : System.nanoTime() - began < Duration.ofSeconds(seconds).toNanos();
  }

  private void attempt(String name, Target target, byte[] input) {
    Cost cost = cost(name, target, input);
    if (cost.isTooHigh()) {
      cost = cost(name, target, input); // the first time may have loaded classes
    }
    if (cost.isTooHigh()) {
      throw new AssertionError("%s: took %s".formatted(message(name, input), cost));
    }
  }

  private Cost cost(String name, Target target, byte[] input) {
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long began = THREADS.getCurrentThreadCpuTime();
    try {
      target.read(input);
    } catch (Exception | StackOverflowError | AssertionError e) {
      throw new AssertionError(message(name, input), e);
    }
    return new Cost(
        Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - began),
        THREADS.getCurrentThreadAllocatedBytes() - bytes);
  }

  /** Of processor, since a busy machine stops anybody for seconds. */
  private record Cost(Duration processor, long bytes) {
    boolean isTooHigh() {
      return processor.compareTo(LONGEST) > 0 || bytes > MOST_BYTES;
    }
  }

  private String message(String name, byte[] input) {
    return "fuzz %s seed=%d input (hex, add it to the corpus)=%s"
        .formatted(name, seed, HexFormat.of().formatHex(input));
  }

  private byte[] mutated() {
    byte[] input = corpus.get(random.nextInt(corpus.size())).clone();
    for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
      input = changed(input);
    }
    return input;
  }

  private byte[] changed(byte[] input) {
    if (input.length < 4) {
      return input;
    }
    int at = random.nextInt(input.length);
    return switch (random.nextInt(7)) {
      case 0 -> {
        input[at] = (byte) random.nextInt(256);
        yield input;
      }
      case 1 -> {
        input[at] = SPLINTERS[random.nextInt(SPLINTERS.length)];
        yield input;
      }
      case 2 -> Arrays.copyOf(input, at);
      case 3 -> spliced(input, at, piece(input, 20).length, new byte[0]);
      case 4 -> spliced(input, at, 0, piece(input, 60));
      case 5 -> spliced(input, at, 0, piece(SPLINTERS, 8));
      default -> spliced(input, at, 0, piece(corpus.get(random.nextInt(corpus.size())), 60));
    };
  }

  private byte[] piece(byte[] of, int longest) {
    if (of.length == 0) {
      return of;
    }
    int from = random.nextInt(of.length);
    return Arrays.copyOfRange(of, from, Math.min(of.length, from + 1 + random.nextInt(longest)));
  }

  private static byte[] spliced(byte[] input, int at, int removed, byte[] piece) {
    int to = Math.min(input.length, at + removed);
    byte[] result = new byte[input.length - (to - at) + piece.length];
    System.arraycopy(input, 0, result, 0, at);
    System.arraycopy(piece, 0, result, at, piece.length);
    System.arraycopy(input, to, result, at + piece.length, input.length - to);
    return result;
  }
}
