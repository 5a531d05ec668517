package io.tributary.ingestion.destination;

import io.tributary.ingestion.destination.DestinationDocument.DestinationFilter;
import io.tributary.ingestion.destination.DestinationDocument.PostgresTables;
import io.tributary.ingestion.transform.Means;
import io.tributary.ingestion.transform.Only;
import io.tributary.ingestion.transform.Transformation;
import io.tributary.ingestion.transform.TransformationDocument;
import io.tributary.ingestion.transform.TransformationReader;
import io.tributary.web.Faults;
import io.tributary.webhook.WebhookTargets;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A checked definition.
 *
 * @param topics in which that stands
 * @param sources whose events are sent; empty for all
 * @param only the events that are sent
 * @param segments whose crossings are sent; empty for all
 * @param consent that a person must have granted; null for none
 * @param perSecond messages a second at most; null for any number
 */
record Definition(
    String name,
    Target target,
    Set<Sends> sends,
    List<String> topics,
    Set<String> sources,
    Only only,
    Set<String> segments,
    Optional<Transformation> steps,
    @Nullable String consent,
    @Nullable Integer perSecond,
    int concurrency,
    Duration retryFor) {
  private static final int MAX_NAME = 100;
  private static final int MAX_URL = 2_000;
  private static final int MAX_IDS = 50;
  private static final int MAX_CONSENT = 100;
  private static final int MAX_IDENTIFIER = 63;
  private static final int MAX_CERTIFICATE = 10_000;
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");
  private static final Pattern SCHEMA = Pattern.compile("(?!pg_)[a-z_][a-z0-9_]{0,62}");

  /** What a destination can be told of. */
  enum Sends {
    EVENTS,
    SEGMENTS,
    PROFILES,
    ERASURES;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Sends> of(@Nullable String text) {
      for (Sends each : values()) {
        if (each.wire().equals(text)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }

  /** Copies the sets. */
  Definition {
    sends = Set.copyOf(sends);
    topics = List.copyOf(topics);
    sources = Set.copyOf(sources);
    segments = Set.copyOf(segments);
  }

  /**
   * Checks what was written; not to be used beside faults.
   *
   * @param faults takes what is wrong
   * @param means what steps can use
   */
  static Definition read(
      DestinationDocument written, Faults faults, Means means, WebhookTargets targets) {
    String name = faults.text(written.name(), "name", MAX_NAME);
    Target target = target(written, faults, targets);
    DestinationFilter filter = Objects.requireNonNullElse(written.filter(), DestinationFilter.ALL);
    Set<Sends> sends = sends(written.sends(), faults);
    misplaced(filter, sends, faults);
    if (target instanceof Target.Tables) {
      // What tables have of a person goes with the person.
      sends.add(Sends.ERASURES);
    }
    TransformationReader reader = new TransformationReader(faults, means);
    Optional<Transformation> steps = reader.read(1, new TransformationDocument(written.steps()));
    String consent =
        written.consent() == null ? null : faults.text(written.consent(), "consent", MAX_CONSENT);
    return new Definition(
        name,
        target,
        sends,
        written.topics(),
        ids(filter.sources(), "filter.sources", faults),
        reader.only(filter.types(), filter.events(), filter.when(), "filter."),
        ids(filter.segments(), "filter.segments", faults),
        steps,
        consent,
        written.perSecond() == null
            ? null
            : faults.between(written.perSecond(), "perSecond", 1, 10_000, 1),
        faults.between(written.concurrency(), "concurrency", 1, 16, 4),
        Duration.ofHours(faults.between(written.retryHours(), "retryHours", 1, 168, 72)));
  }

  private static Target target(DestinationDocument written, Faults faults, WebhookTargets targets) {
    boolean tables = "postgres".equals(written.kind());
    faults.check(
        tables || "webhook".equals(written.kind()),
        "kind",
        written.kind() == null ? "required" : "invalid_value",
        "must be webhook or postgres");
    faults.check(
        !tables || written.url() == null, "url", "not_allowed", "goes with the kind webhook only");
    faults.check(
        tables || written.postgres() == null,
        "postgres",
        "not_allowed",
        "goes with the kind postgres only");
    if (tables) {
      faults.check(
          written.concurrency() == null,
          "concurrency",
          "not_allowed",
          "goes with the kind webhook only: tables take many messages at one time");
      PostgresTables postgres = written.postgres();
      if (postgres == null) {
        faults.add("postgres", "required", "must say host, database, user and password");
        return new Target.Webhook("");
      }
      return tables(postgres, faults, targets);
    }
    String url = faults.text(written.url(), "url", MAX_URL);
    if (!url.isEmpty()) {
      targets.objection(url).ifPresent(why -> faults.add("url", "invalid_url", why));
    }
    return new Target.Webhook(url);
  }

  private static Target tables(PostgresTables written, Faults faults, WebhookTargets targets) {
    String host =
        faults.matching(
            written.host(), "postgres.host", HOST, "a host name or an IPv4 address, without more");
    int port = faults.between(written.port(), "postgres.port", 1_024, 65_535, 5_432);
    String tls = Objects.requireNonNullElse(written.tls(), "verify");
    boolean off = tls.equals("off");
    faults.check(
        off || tls.equals("verify"), "postgres.tls", "invalid_value", "must be verify or off");
    faults.check(
        !off || targets.isAllowed(host, port),
        "postgres.tls",
        "not_allowed",
        "can be off only for a host and port that the operator has allowed"
            + " (TRIBUTARY_WEBHOOK_ALLOW_PRIVATE)");
    String ca = written.ca();
    if (ca != null && !isCertificate(ca)) {
      faults.add(
          "postgres.ca",
          "invalid",
          "must be one certificate in PEM, beginning with -----BEGIN CERTIFICATE-----");
    }
    return new Target.Tables(
        host,
        port,
        faults.text(written.database(), "postgres.database", MAX_IDENTIFIER),
        written.schema() == null
            ? "tributary"
            : faults.matching(
                written.schema(),
                "postgres.schema",
                SCHEMA,
                "1 to 63 small letters, digits and _, not beginning with a digit or pg_"),
        faults.text(written.user(), "postgres.user", MAX_IDENTIFIER),
        !off,
        ca);
  }

  /** Exactly that: what doesn't begin so the driver would take for the name of a file. */
  private static boolean isCertificate(String text) {
    if (!text.startsWith("-----BEGIN CERTIFICATE-----") || text.length() > MAX_CERTIFICATE) {
      return false;
    }
    try {
      return CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
              .size()
          == 1;
    } catch (CertificateException e) {
      return false;
    }
  }

  private static Set<Sends> sends(@Nullable List<@Nullable String> written, Faults faults) {
    Set<Sends> sends = EnumSet.noneOf(Sends.class);
    if (written == null || written.isEmpty()) {
      faults.add("sends", "required", "must be a list of events, segments, profiles and erasures");
      return sends;
    }
    faults.check(
        written.size() <= Sends.values().length,
        "sends",
        "too_many",
        "has more than " + Sends.values().length + " entries");
    for (int i = 0; i < Math.min(written.size(), Sends.values().length); i++) {
      Optional<Sends> each = Sends.of(written.get(i));
      each.ifPresent(sends::add);
      faults.check(
          each.isPresent(),
          "sends[" + i + "]",
          "invalid_value",
          "must be events, segments, profiles or erasures");
    }
    return sends;
  }

  /** A filter that filters nothing is a mistake that nobody would notice. */
  private static void misplaced(DestinationFilter filter, Set<Sends> sends, Faults faults) {
    boolean ofEvents =
        filter.sources() != null
            || filter.types() != null
            || filter.events() != null
            || filter.when() != null;
    faults.check(
        !ofEvents || sends.contains(Sends.EVENTS),
        "filter",
        "not_allowed",
        "sources, types, events and when go with events only, which aren't sent");
    faults.check(
        filter.segments() == null || sends.contains(Sends.SEGMENTS),
        "filter.segments",
        "not_allowed",
        "goes with segments only, which aren't sent");
  }

  private static Set<String> ids(
      @Nullable List<@Nullable String> written, String at, Faults faults) {
    return Set.copyOf(faults.texts(written, at, MAX_IDS, MAX_NAME));
  }
}
