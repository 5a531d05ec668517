package io.tributary.ingestion.collect;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.WriteKey;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.activity.Visit;
import io.tributary.ingestion.webhook.Check;
import io.tributary.ingestion.webhook.Handshake;
import io.tributary.ingestion.webhook.Incoming;
import io.tributary.ingestion.webhook.Provider;
import io.tributary.ingestion.webhook.WebhookKeys;
import io.tributary.ingestion.webhook.WebhookSecrets;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Clock;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes webhooks of known providers: verified first, then mapped to a batch, which goes the way of
 * every other batch. The key in the path says whose they are; the signature says that they are
 * genuine.
 */
final class Webhooks {
  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);
  private static final String UNKNOWN = "unknown";

  /** Counts all providers that people describe themselves: their names are without bound. */
  private static final String OWN = "own";

  private static final Set<String> TAKEN = Set.of("accepted", "refused");

  /** A tree takes several times the bytes that it was read from. */
  private static final long TREE = 8;

  private final Collector collector;
  private final CollectorServlet.WebhookParts parts;
  private final Clock clock;
  private final MeterRegistry registry;

  /** What is answered: JSON, or a challenge said again as plain text. */
  sealed interface Reply {
    record Json(Answer answer) implements Reply {}

    record Text(String text) implements Reply {}
  }

  Webhooks(
      Collector collector,
      CollectorServlet.WebhookParts parts,
      Clock clock,
      MeterRegistry registry) {
    this.collector = collector;
    this.parts = parts;
    this.clock = clock;
    this.registry = registry;
    // Before any request: of a series that begins at 1 nobody can tell that it rose.
    Stream.concat(parts.providers().all().stream().map(Provider::provider), Stream.of(OWN))
        .forEach(provider -> {
          for (String outcome : List.of("accepted", "signature_invalid", "signature_missing")) {
            count(provider, outcome, 0);
          }
        });
  }

  Reply answer(Route.Webhook route, HttpServletRequest request) throws IOException {
    String provider = UNKNOWN;
    String outcome = "failed";
    boolean posted = request.getMethod().equals("POST");
    Visit visit = collector.visit(null);
    try {
      WriteKey key = collector.webhook(route.writeKey());
      visit.by(key);
      WebhookKeys keys = opened(key);
      Provider found = provider(keys);
      provider = keys.definition() == null ? found.provider() : OWN;
      Reply reply =
          posted
              ? new Reply.Json(events(new Hook(key, keys, found, visit), request))
              : handshake(key, keys, found, request);
      outcome = outcome(reply);
      return reply;
    } catch (RefusedException e) {
      outcome = String.valueOf(e.getMessage());
      return new Reply.Json(e.answer());
    } finally {
      count(provider, outcome, 1);
      if (posted) {
        visit.end(TAKEN.contains(outcome) ? null : outcome);
      }
    }
  }

  private static String outcome(Reply reply) {
    return switch (reply) {
      case Reply.Text _ -> "handshake";
      case Reply.Json(Answer answer) -> {
        String refusal = answer.code();
        yield refusal != null ? refusal : answer.refused() > 0 ? "refused" : "accepted";
      }
    };
  }

  private WebhookKeys opened(WriteKey key) throws RefusedException {
    try {
      return parts.secrets().open(key.sourceId(), Objects.requireNonNull(key.webhook()));
    } catch (WebhookSecrets.NoKeyException | IllegalArgumentException e) {
      LOG.error("webhook source={} outcome=sealed cause={}", key.sourceId(), e.getMessage());
      throw new RefusedException(
          503, "secrets_unavailable", "Signatures can't be verified just now; send it again.");
    }
  }

  /** An older version that runs beside a newer one doesn't know all that that one knows. */
  private Provider provider(WebhookKeys keys) throws RefusedException {
    String definition = keys.definition();
    try {
      Optional<Provider> found =
          definition == null
              ? parts.providers().find(keys.provider())
              : Optional.of(parts.providers().own(definition));
      return found.orElseThrow(Webhooks::unknown);
    } catch (Problem e) {
      LOG.error("webhook provider={} outcome=unreadable", keys.provider());
      throw unknown();
    }
  }

  private static RefusedException unknown() {
    return new RefusedException(
        503, "unknown_provider", "This collector doesn't know the provider yet.");
  }

  /** What an address leads to. */
  private record Hook(WriteKey key, WebhookKeys keys, Provider provider, Visit visit) {}

  private Answer events(Hook hook, HttpServletRequest request)
      throws IOException, RefusedException {
    WriteKey key = hook.key();
    WebhookKeys keys = hook.keys();
    Provider provider = hook.provider();
    if (keys.keys().isEmpty()) {
      throw new RefusedException(
          401, "secret_not_set", "The source has no " + provider.keyName() + " yet; set it first.");
    }
    // Before the body is read, so that strangers can't make us read.
    Incoming head = incoming(key, request);
    if (!provider.verification().isSigned(head)) {
      throw refused(Check.MISSING);
    }
    try (InFlight.Share share = collector.inFlight().share()) {
      Incoming incoming = head.with(Body.read(request, share));
      hook.visit().bytes(incoming.body().length);
      Check check = provider.check(incoming, keys, clock.instant());
      if (check != Check.GENUINE) {
        throw refused(check);
      }
      if (!share.take(TREE * incoming.body().length)) {
        throw new RefusedException(
            429, "too_busy", "Too many bytes are being worked on; send the request again shortly.");
      }
      return taken(hook, provider.batches(incoming, key.sourceId()).iterator());
    } catch (Provider.OversizeException e) {
      throw new RefusedException(
          413, "body_too_large", "What the body says has more than the bytes of a body.");
    } catch (Provider.UnreadableException e) {
      throw new RefusedException(
          400, "invalid_body", "The body isn't what " + provider.title() + " sends.");
    }
  }

  /** Those that were taken before one is refused do no harm: sent again, they are repeats. */
  private Answer taken(Hook hook, Iterator<byte[]> batches) throws RefusedException {
    Answer answer = Answer.success(null, 0);
    while (batches.hasNext()) {
      byte[] batch = batches.next();
      Collector.Sender sender = new Collector.Sender(null, hook.visit());
      Answer next = collector.collect(batch, Call.BATCH, hook.key(), sender);
      if (next.code() != null) {
        return next;
      }
      answer = Answer.success(next.position(), answer.refused() + next.refused());
    }
    return answer;
  }

  private Reply handshake(
      WriteKey key, WebhookKeys keys, Provider provider, HttpServletRequest request)
      throws RefusedException {
    return switch (provider.handshake()) {
      case null -> throw new RefusedException(405, "method_not_allowed", "Use POST for webhooks.");
      case Handshake.Ping _ -> new Reply.Json(Answer.success(null, 0));
      case Handshake.Challenge challenge ->
          new Reply.Text(
              challenge
                  .answer(incoming(key, request), keys.verifyToken())
                  .orElseThrow(() ->
                      new RefusedException(401, "token_invalid", "The verify token doesn't fit.")));
    };
  }

  private static RefusedException refused(Check check) {
    return new RefusedException(401, check.code(), check.message());
  }

  /** Without its body, which is read only once there is reason to. */
  private Incoming incoming(WriteKey key, HttpServletRequest request) {
    Map<String, String> headers = new HashMap<>();
    for (String name : Collections.list(request.getHeaderNames())) {
      headers.put(name, request.getHeader(name));
    }
    String query = request.getQueryString();
    String url = parts.address().webhook(key.key()) + (query == null ? "" : "?" + query);
    return new Incoming(request.getMethod(), url, query == null ? "" : query, headers, new byte[0]);
  }

  private void count(String provider, String outcome, int by) {
    registry
        .counter("tributary.collector.webhooks", "provider", provider, "outcome", outcome)
        .increment(by);
  }
}
