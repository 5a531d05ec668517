package io.tributary.ingestion.destination;

import io.tributary.access.SecretBox;
import io.tributary.event.Json;
import io.tributary.ingestion.governance.TransformationMeans;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookSecret;
import io.tributary.webhook.WebhookTargets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;

/** Makes the other ends of destinations, and keeps what they share. */
final class Receivers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Receivers.class);

  /** A field that it doesn't know could say what isn't to be sent. */
  private static final ObjectReader STRICT =
      Json.MAPPER
          .readerFor(DestinationDocument.class)
          .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final int MAX_SECRET = 1_000;
  private static final String PASSWORD = "postgres.password";
  private static final String SECRET = "http.secret";
  private static final String CONNECTOR_SECRET = "connector.secret";
  private static final Pattern PRINTABLE = Pattern.compile("[!-~](?:[ -~]{0,4094}[!-~])?");

  private final @Nullable SecretBox box;
  private final WebhookTargets targets;
  private final Connectors connectors;
  private final TransformationMeans means;
  private final WebhookClient client;
  private final Clock clock;

  /**
   * Receivers of this server.
   *
   * @param encryptionKey empty where there is none: then nothing can be signed
   */
  Receivers(
      String encryptionKey,
      WebhookTargets targets,
      Connectors connectors,
      TransformationMeans means,
      Clock clock) {
    this.connectors = connectors;
    this.box = encryptionKey.isBlank() ? null : new SecretBox(encryptionKey);
    this.targets = targets;
    this.means = means;
    this.client = new WebhookClient(targets, WebhookClient.Connections.KEPT, clock);
    this.clock = clock;
  }

  /** A destination as it can be worked on. */
  record Made(Definition definition, Receiver receiver) {}

  /** Checks a definition; not to be used beside faults. */
  Definition checked(String workspaceId, DestinationDocument written, Faults faults) {
    return Definition.read(written, faults, means.of(workspaceId), targets, connectors);
  }

  /**
   * A secret.
   *
   * @param sealed as it's stored
   * @param told in the answer that makes it; null where somebody else has made it
   */
  record NewSecret(String sealed, @Nullable String told) {}

  /** The first secret of a destination: one that signs, or the one that was written. */
  NewSecret secret(String id, DestinationDocument written) {
    return written.isSigned() ? signing(id) : new NewSecret(sealed(id, written.secret()), null);
  }

  /** A new secret that signs. */
  NewSecret signing(String id) {
    String secret = WebhookSecret.create();
    return new NewSecret(WebhookSecret.seal(box(), Destination.secretPlace(id), secret), secret);
  }

  /** Checks a secret that was written, which a stored definition doesn't have. */
  void checkSecret(DestinationDocument written, Faults faults) {
    if (written.postgres() != null) {
      faults.text(written.secret(), PASSWORD, MAX_SECRET);
    } else if (written.connector() != null && written.secret() != null) {
      faults.text(written.secret(), CONNECTOR_SECRET, MAX_SECRET);
    } else if (written.secret() != null || written.namesSecret()) {
      faults.matching(
          written.secret(), SECRET, PRINTABLE, "a text of 1 to 4096 visible ASCII characters");
    }
  }

  private String sealed(String id, @Nullable String secret) {
    return box()
        .seal(
            Destination.secretPlace(id),
            Objects.requireNonNullElse(secret, "").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * What another definition of a destination changes of its secret.
   *
   * @return empty if the one before counts on
   * @throws Problem 400 where it may not: it would be told to somebody else
   */
  Optional<String> another(Destination before, DestinationDocument written, Definition definition) {
    Faults faults = new Faults();
    DestinationDocument old = before.document();
    faults.check(
        Objects.equals(old.kind(), written.kind()),
        "kind",
        "not_allowed",
        "can't be changed; create another destination");
    String secret = written.secret();
    if (secret == null && !written.isSigned()) {
      keep(before, written, definition, faults);
    } else {
      checkSecret(written, faults);
    }
    faults.throwIfAny();
    return secret == null ? Optional.empty() : Optional.of(sealed(before.id(), secret));
  }

  /** What stands against going on with the secret that there is. */
  private void keep(
      Destination before, DestinationDocument written, Definition definition, Faults faults) {
    String kept;
    try {
      kept = opened(before);
    } catch (IllegalArgumentException e) {
      faults.add(
          secretPath(written),
          "required",
          "must be given again: the stored one can't be read with this server's"
              + " TRIBUTARY_ENCRYPTION_KEY");
      return;
    }
    if (kept.isEmpty()) {
      checkSecret(written, faults);
      return;
    }
    DestinationDocument old = before.document();
    faults.check(
        definition.target().mayKnow(checked(before.workspaceId(), old, new Faults()).target()),
        secretPath(written),
        "required",
        "must be given again where it goes to somebody else than before");
  }

  private static String secretPath(DestinationDocument written) {
    if (written.connector() != null) {
      return CONNECTOR_SECRET;
    }
    return written.postgres() == null ? SECRET : PASSWORD;
  }

  private SecretBox box() {
    if (box == null) {
      throw Problem.conflict(
          "no_encryption_key",
          "Destinations need TRIBUTARY_ENCRYPTION_KEY, which isn't set at this server.");
    }
    return box;
  }

  /** The other end of a stored destination; empty, and told in the log, if it can't be read. */
  Optional<Made> of(Destination stored) {
    Faults faults = new Faults();
    String cause = "";
    try {
      DestinationDocument document = STRICT.readValue(stored.definition());
      Definition definition = checked(stored.workspaceId(), document, faults);
      if (faults.isEmpty()) {
        return Optional.of(new Made(definition, receiver(stored, definition)));
      }
      cause =
          faults.list().stream()
              .map(fault -> fault.path() + " " + fault.code())
              .toList()
              .toString();
    } catch (JacksonException | IllegalArgumentException | Problem e) {
      // Another key, a field of a newer version: others go on.
      cause = e.getClass().getSimpleName();
    }
    LOG.error("destination={} outcome=unreadable cause={}", stored.id(), cause);
    return Optional.empty();
  }

  private Receiver receiver(Destination stored, Definition definition) {
    return switch (definition.target()) {
      case Target.Webhook(String url) -> webhook(stored, url);
      case Target.Http http -> new HttpReceiver(client, http, opened(stored));
      case Target.Connected(String name, Map<String, String> settings) ->
          new ConnectorReceiver(connectors.find(name).orElseThrow(), settings, opened(stored));
      case Target.Tables tables ->
          new PostgresReceiver(stored.id(), tables, opened(stored), targets.allowed());
    };
  }

  private String opened(Destination stored) {
    return new String(
        box().open(Destination.secretPlace(stored.id()), stored.secret()), StandardCharsets.UTF_8);
  }

  private Receiver webhook(Destination stored, String url) {
    SecretBox key = box();
    String place = Destination.secretPlace(stored.id());
    WebhookSecret secret = WebhookSecret.open(key, place, stored.secret());
    Instant until = stored.oldUntil();
    if (stored.oldSecret() == null || until == null) {
      return new WebhookReceiver(client, url, () -> List.of(secret));
    }
    List<WebhookSecret> both = List.of(secret, WebhookSecret.open(key, place, stored.oldSecret()));
    return new WebhookReceiver(
        client, url, () -> clock.instant().isBefore(until) ? both : List.of(secret));
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
