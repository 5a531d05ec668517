package io.tributary.ingestion.webhook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Signs by the program openssl: an implementation that isn't the one under test. */
final class OpenSsl {
  private OpenSsl() {}

  /** The HMAC with {@code sha1} or {@code sha256}. */
  static byte[] hmac(String hash, String key, byte[] content) {
    String hex = HexFormat.of().formatHex(key.getBytes(StandardCharsets.UTF_8));
    return run(content, "dgst", "-" + hash, "-mac", "HMAC", "-macopt", "hexkey:" + hex, "-binary");
  }

  /** A new private key of the curve P-256, in a file. */
  static Path newKey() {
    try {
      Path file = Files.createTempFile("p256", ".pem");
      file.toFile().deleteOnExit();
      Files.write(file, run(new byte[0], "ecparam", "-name", "prime256v1", "-genkey", "-noout"));
      return file;
    } catch (IOException e) {
      throw new IllegalStateException("a key couldn't be written", e);
    }
  }

  /** SubjectPublicKeyInfo in base64. */
  static String publicKey(Path key) {
    byte[] der = run(new byte[0], "ec", "-in", key.toString(), "-pubout", "-outform", "DER");
    return Base64.getEncoder().encodeToString(der);
  }

  /** An ECDSA signature with SHA-256, DER. */
  static byte[] sign(Path key, byte[] content) {
    return run(content, "dgst", "-sha256", "-sign", key.toString());
  }

  private static byte[] run(byte[] input, String... arguments) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var out = process.getOutputStream()) {
        out.write(input);
      }
      byte[] output = process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        throw new IllegalStateException("openssl failed: " + String.join(" ", command));
      }
      return output;
    } catch (IOException e) {
      throw new IllegalStateException("these tests need the program openssl", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
