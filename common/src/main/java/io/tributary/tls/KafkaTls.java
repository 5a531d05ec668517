package io.tributary.tls;

import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;

/** How Kafka's clients connect: plainly, or with TLS when {@code TRIBUTARY_TLS_KAFKA} is true. */
public final class KafkaTls {
  /** Plain connections. */
  public static final KafkaTls OFF = new KafkaTls(null);

  private static final String BUNDLE = "io.tributary.tls.bundle";
  private final @Nullable Supplier<SslBundle> bundle;

  private KafkaTls(@Nullable Supplier<SslBundle> bundle) {
    this.bundle = bundle;
  }

  /** What the settings say, with Spring's bundle, which follows its files. */
  public static KafkaTls of(Environment settings, SslBundles bundles) {
    return isOn(settings) ? new KafkaTls(() -> bundles.getBundle(Tls.BUNDLE)) : OFF;
  }

  /** What the settings say, before there are any beans; the files are read once. */
  public static KafkaTls early(Environment settings) {
    if (!isOn(settings)) {
      return OFF;
    }
    SslBundle read =
        PropertiesSslBundle.get(
            Binder.get(settings)
                .bindOrCreate("spring.ssl.bundle.pem." + Tls.BUNDLE, PemSslBundleProperties.class));
    return new KafkaTls(() -> read);
  }

  private static boolean isOn(Environment settings) {
    return Boolean.parseBoolean(settings.resolvePlaceholders("${TRIBUTARY_TLS_KAFKA:false}"));
  }

  /** For the configuration of a client. */
  public Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    if (bundle != null) {
      settings.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SSL");
      settings.put(SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG, Engines.class);
      settings.put(BUNDLE, bundle);
    }
    return settings;
  }

  /**
   * Makes the engine of each connection; Kafka's own factory reads its files once in a client's
   * life.
   */
  public static final class Engines implements SslEngineFactory {
    @SuppressWarnings("NullAway.Init") // set by configure, which Kafka calls first
    private Supplier<SslBundle> bundle;

    private @Nullable SslBundle seen;
    private @Nullable SSLContext context;

    @Override
    @SuppressWarnings("unchecked") // put there by settings()
    public void configure(Map<String, ?> settings) {
      bundle = (Supplier<SslBundle>) java.util.Objects.requireNonNull(settings.get(BUNDLE));
    }

    private synchronized SSLContext context() {
      SslBundle now = bundle.get();
      SSLContext made = context;
      if (made == null || !now.equals(seen)) {
        made = now.createSslContext();
        seen = now;
        context = made;
      }
      return made;
    }

    @Override
    public SSLEngine createClientSslEngine(String host, int port, String endpointIdentification) {
      SSLEngine engine = context().createSSLEngine(host, port);
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
      return engine;
    }

    @Override
    public SSLEngine createServerSslEngine(String host, int port) {
      throw new UnsupportedOperationException("clients only");
    }

    @Override
    public boolean shouldBeRebuilt(Map<String, Object> settings) {
      return false; // follows the bundle by itself
    }

    @Override
    public Set<String> reconfigurableConfigs() {
      return Set.of();
    }

    @Override
    public @Nullable KeyStore keystore() {
      return bundle.get().getStores().getKeyStore();
    }

    @Override
    public @Nullable KeyStore truststore() {
      return bundle.get().getStores().getTrustStore();
    }

    @Override
    public void close() {}
  }
}
