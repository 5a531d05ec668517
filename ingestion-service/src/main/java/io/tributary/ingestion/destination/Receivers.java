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
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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

  private final @Nullable SecretBox box;
  private final WebhookTargets targets;
  private final TransformationMeans means;
  private final WebhookClient client;
  private final Clock clock;

  /**
   * Receivers of this server.
   *
   * @param encryptionKey empty where there is none: then nothing can be signed
   */
  Receivers(String encryptionKey, WebhookTargets targets, TransformationMeans means, Clock clock) {
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
    return Definition.read(written, faults, means.of(workspaceId), targets);
  }

  /** Seals a secret. */
  String seal(String id, String secret) {
    if (box == null) {
      throw Problem.conflict(
          "no_encryption_key",
          "Destinations need TRIBUTARY_ENCRYPTION_KEY, which isn't set at this server.");
    }
    return WebhookSecret.seal(box, Destination.secretPlace(id), secret);
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
    SecretBox key = box;
    if (key == null) {
      throw new IllegalArgumentException("TRIBUTARY_ENCRYPTION_KEY isn't set");
    }
    String place = Destination.secretPlace(stored.id());
    WebhookSecret secret = WebhookSecret.open(key, place, stored.secret());
    Instant until = stored.oldUntil();
    if (stored.oldSecret() == null || until == null) {
      return new WebhookReceiver(client, definition.url(), () -> List.of(secret));
    }
    List<WebhookSecret> both = List.of(secret, WebhookSecret.open(key, place, stored.oldSecret()));
    return new WebhookReceiver(
        client, definition.url(), () -> clock.instant().isBefore(until) ? both : List.of(secret));
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
