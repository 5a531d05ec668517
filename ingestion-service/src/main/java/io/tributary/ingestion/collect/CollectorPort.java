package io.tributary.ingestion.collect;

import io.tributary.event.JsonBytes;
import io.tributary.tls.Tls;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslStoreBundle;

/**
 * The public port of the collector beside the internal one of the service. Only what the collector
 * serves can be reached through it, and only through it.
 */
public final class CollectorPort {
  private static final int HEADER_BYTES = 32 * 1024;
  private static final int SWALLOW_BYTES = 2 * Body.MAX_BYTES;

  private final Http11NioProtocol protocol = new Http11NioProtocol();
  private final Connector connector;

  /**
   * A port that opens with the web server.
   *
   * @param address to listen on
   * @param port 0 for any
   */
  public CollectorPort(String address, int port) {
    protocol.setAddress(resolved(address));
    protocol.setConnectionTimeout(20_000);
    protocol.setKeepAliveTimeout(65_000);
    protocol.setMaxKeepAliveRequests(-1);
    protocol.setMaxHttpRequestHeaderSize(HEADER_BYTES);
    // A refusal is read by the sender only if what it's still sending is taken off the wire.
    protocol.setMaxSwallowSize(SWALLOW_BYTES);
    protocol.setExecutor(new VirtualThreadExecutor("collector-"));
    connector = new Connector(protocol);
    connector.setPort(port);
    connector.setXpoweredBy(false);
  }

  /** Speaks TLS with the bundle's certificate, and with each that takes its place. */
  public void secure(SslBundles bundles) {
    connector.setScheme("https");
    connector.setSecure(true);
    protocol.setSSLEnabled(true);
    protocol.addSslHostConfig(host(bundles.getBundle(Tls.BUNDLE)));
    bundles.addBundleUpdateHandler(
        Tls.BUNDLE, bundle -> protocol.addSslHostConfig(host(bundle), true));
  }

  private SSLHostConfig host(SslBundle bundle) {
    SSLHostConfig host = new SSLHostConfig();
    host.setHostName(protocol.getDefaultSSLHostConfigName());
    host.setProtocols("TLSv1.2+TLSv1.3");
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    SslStoreBundle stores = bundle.getStores();
    String password = stores.getKeyStorePassword();
    certificate.setCertificateKeystorePassword(password == null ? "" : password);
    certificate.setCertificateKeystore(stores.getKeyStore());
    host.addCertificate(certificate);
    return host;
  }

  /** For the web server. */
  public Connector connector() {
    return connector;
  }

  /** The port that is open; meaningful once the server runs. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Keeps the two ports apart; to be put before all other filters. */
  public HttpFilter filter() {
    return new Filter();
  }

  private static InetAddress resolved(String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address to listen on: " + address, e);
    }
  }

  private final class Filter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doFilter(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      boolean publicPort = request.getLocalPort() == port();
      String path = request.getRequestURI();
      boolean collector = path.startsWith("/v1/") || path.equals("/health");
      if (publicPort == collector) {
        chain.doFilter(request, response);
        return;
      }
      byte[] body =
          new JsonBytes(128)
              .text("code", "not_found")
              .text("message", "There's nothing at this path on this port.")
              .close();
      response.setStatus(404);
      response.setContentType("application/json");
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    }
  }
}
