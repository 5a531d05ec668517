package io.tributary.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Signs certificates for the servers of a test, by the JDK's keytool. */
public final class TestAuthority {
  private static final String PASSWORD = "changeit";
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
  private final Path directory;

  /** Makes the authority's own certificate. */
  public TestAuthority(Path directory) {
    this.directory = directory;
    keytool(
        store("ca"), "-genkeypair", "-alias", "ca", "-dname", "CN=Test authority", "-ext", "bc:c");
    keytool(store("ca"), "-exportcert", "-rfc", "-alias", "ca", "-file", certificate().toString());
  }

  /** The authority's certificate, PEM. */
  public Path certificate() {
    return directory.resolve("ca.pem");
  }

  /** A server's certificate and key, PEM. */
  public record Issued(Path certificate, Path key) {}

  /**
   * Signs a certificate.
   *
   * @param name of the server's files
   * @param names for example {@code dns:localhost,ip:127.0.0.1}
   */
  public Issued issue(String name, String names) {
    Path store = store(name);
    Path request = directory.resolve(name + ".csr");
    Path certificate = directory.resolve(name + ".pem");
    Path key = directory.resolve(name + "-key.pem");
    keytool(store, "-genkeypair", "-alias", "server", "-dname", "CN=" + name);
    keytool(store, "-certreq", "-alias", "server", "-file", request.toString());
    keytool(
        store("ca"),
        "-gencert",
        "-rfc",
        "-alias",
        "ca",
        "-ext",
        "san=" + names,
        "-infile",
        request.toString(),
        "-outfile",
        certificate.toString());
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      byte[] encoded = keys.getKey("server", PASSWORD.toCharArray()).getEncoded();
      Files.writeString(
          key,
          "-----BEGIN PRIVATE KEY-----\n"
              + LINES.encodeToString(encoded)
              + "\n-----END PRIVATE KEY-----\n");
      return new Issued(certificate, key);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("no key for " + name, e);
    }
  }

  private Path store(String name) {
    return directory.resolve(name + ".p12");
  }

  private static void keytool(Path store, String command, String... options) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    line.add(command);
    line.addAll(List.of(options));
    line.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    if (command.equals("-genkeypair")) {
      line.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30"));
    }
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      String said =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("keytool " + command + ": " + said);
      }
    } catch (IOException e) {
      throw new IllegalStateException("keytool " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("keytool " + command, e);
    }
  }
}
