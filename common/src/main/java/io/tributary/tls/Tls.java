package io.tributary.tls;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** TLS of the process's own HTTP clients. */
public final class Tls {
  /** The bundle's name. */
  public static final String BUNDLE = "tributary";

  private Tls() {}

  /**
   * A client, to be built, that outlives the authorities' certificates: each connection trusts what
   * the bundle trusts when it's made, which without {@code TRIBUTARY_TLS_CA} is what the JDK
   * trusts.
   *
   * @param addresses of the servers; when none of them is https there's nothing to trust
   */
  public static HttpClient.Builder client(SslBundles bundles, Collection<URI> addresses) {
    HttpClient.Builder client = HttpClient.newBuilder();
    return addresses.stream().anyMatch(address -> "https".equalsIgnoreCase(address.getScheme()))
        ? client.sslContext(context(() -> bundles.getBundle(BUNDLE)))
        : client;
  }

  private static SSLContext context(Supplier<SslBundle> bundle) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new CurrentTrust(bundle)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  /** Asks the bundle's trust manager of the moment; extended, or host names went unchecked. */
  private static final class CurrentTrust extends X509ExtendedTrustManager {
    private final Supplier<SslBundle> bundle;

    CurrentTrust(Supplier<SslBundle> bundle) {
      this.bundle = bundle;
    }

    private X509ExtendedTrustManager now() {
      return Arrays.stream(bundle.get().getManagers().getTrustManagers())
          .filter(X509ExtendedTrustManager.class::isInstance)
          .map(X509ExtendedTrustManager.class::cast)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the bundle has no trust manager"));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      now().checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      now().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      now().checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      now().checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      now().checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      now().checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return now().getAcceptedIssuers();
    }
  }
}
