package io.tributary.ingestion.admin;

import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.event.Json;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.webhook.CollectorAddress;
import io.tributary.ingestion.webhook.Incoming;
import io.tributary.ingestion.webhook.Provider;
import io.tributary.ingestion.webhook.WebhookKeys;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Tries a provider's definition on a request, as the collector would, without taking anything. */
final class ProviderTrial {
  private static final int SHOWN = 100;
  private static final int MAX_HEADERS = 100;
  private static final String SOURCE = "src_trial";

  private final OwnProviders own;
  private final CollectorAddress collector;
  private final Clock clock;

  ProviderTrial(OwnProviders own, CollectorAddress collector, Clock clock) {
    this.own = own;
    this.collector = collector;
    this.clock = clock;
  }

  /**
   * What to try.
   *
   * @param provider one that there is
   * @param definition what to try instead
   * @param key the secret or public key; without it signatures aren't looked at
   */
  record WebhookTrial(
      @Nullable String provider,
      @Nullable @Schema(types = "object", implementation = Object.class) JsonNode definition,
      @Nullable WebhookRequest request,
      @Nullable String key) {}

  /**
   * A request as the provider sends it.
   *
   * @param method POST where nothing is said
   * @param url the address that it's sent to, with its query
   * @param headers by name
   * @param body as it is sent, to the letter
   */
  record WebhookRequest(
      @Nullable String method,
      @Nullable String url,
      @Nullable Map<String, @Nullable String> headers,
      @Nullable String body) {}

  /**
   * What would become of the request.
   *
   * @param signature genuine, signature_missing, signature_invalid, signature_stale, or not_checked
   * @param total how many calls it would become
   * @param events the first 100 of them
   */
  record WebhookTrialAnswer(String signature, int total, List<WebhookTrialEvent> events) {}

  /**
   * A call that the request would become.
   *
   * @param outcome accepted or refused
   * @param reasons why it would go to the quarantine
   */
  record WebhookTrialEvent(
      String outcome,
      List<Reason> reasons,
      @Schema(types = "object", implementation = Object.class) JsonNode call) {}

  WebhookTrialAnswer of(String workspaceId, WebhookTrial wanted) {
    Faults faults = new Faults();
    faults.check(
        (wanted.provider() == null) != (wanted.definition() == null),
        "definition",
        wanted.definition() == null ? "required" : "not_allowed",
        "must stand alone, or provider instead of it");
    WebhookRequest request = faults.required(wanted.request(), "request");
    if (request != null) {
      faults.required(request.body(), "request.body");
      faults.check(
          request.headers() == null
              || (request.headers().size() <= MAX_HEADERS
                  && request.headers().values().stream().allMatch(Objects::nonNull)),
          "request.headers",
          "invalid_value",
          "must be at most " + MAX_HEADERS + " texts by name");
    }
    faults.throwIfAny();
    Provider provider =
        wanted.definition() != null
            ? OwnProviders.checked(wanted.definition())
            : own.provider(workspaceId, String.valueOf(wanted.provider()))
                .orElseThrow(() -> Problem.invalid("provider", "invalid_value", "isn't known"));
    String key = wanted.key();
    Optional<String> fault = key == null ? Optional.empty() : provider.fault(key);
    if (fault.isPresent()) {
      throw Problem.invalid("key", "invalid", fault.get());
    }
    return judged(workspaceId, provider, incoming(Objects.requireNonNull(request)), key);
  }

  private Incoming incoming(WebhookRequest request) {
    String url = request.url() == null ? collector.webhook("your-key") : request.url();
    int mark = url.indexOf('?');
    Map<String, String> headers = new HashMap<>();
    if (request.headers() != null) {
      request.headers().forEach((name, value) -> headers.put(name, String.valueOf(value)));
    }
    return new Incoming(
        request.method() == null ? "POST" : request.method(),
        url,
        mark < 0 ? "" : url.substring(mark + 1),
        headers,
        String.valueOf(request.body()).getBytes(StandardCharsets.UTF_8));
  }

  private WebhookTrialAnswer judged(
      String workspaceId, Provider provider, Incoming request, @Nullable String key) {
    try {
      String signature =
          key == null
              ? "not_checked"
              : provider
                  .check(
                      request,
                      new WebhookKeys(provider.provider(), List.of(key), null, null),
                      clock.instant())
                  .code();
      List<WebhookTrialEvent> events = new ArrayList<>();
      int total = 0;
      for (Iterator<byte[]> batches = provider.batches(request, SOURCE).iterator();
          batches.hasNext(); ) {
        byte[] batch = batches.next();
        JsonNode calls = Json.MAPPER.readTree(batch).path("batch");
        total += calls.size();
        if (events.size() < SHOWN) {
          add(events, workspaceId, batch, calls);
        }
      }
      return new WebhookTrialAnswer(signature, total, List.copyOf(events));
    } catch (Provider.UnreadableException e) {
      throw Problem.invalid(
          "request.body", "invalid_body", "isn't what the definition says that it is");
    } catch (Provider.OversizeException e) {
      throw Problem.invalid(
          "request.body", "body_too_large", "becomes more than the bytes of a body");
    }
  }

  private void add(
      List<WebhookTrialEvent> events, String workspaceId, byte[] batch, JsonNode calls) {
    Receipt receipt = Receipt.at(clock.instant(), null);
    List<Verdict> verdicts =
        switch (CollectRequest.read(batch, Call.BATCH)) {
          case Reading.Illegible illegible ->
              throw Problem.badRequest(illegible.code(), illegible.message());
          case Reading.Legible legible ->
              legible.request().judge(new Source(workspaceId, SOURCE, false), receipt);
        };
    for (int i = 0; i < verdicts.size() && events.size() < SHOWN; i++) {
      events.add(
          switch (verdicts.get(i)) {
            case Verdict.Accepted _ -> new WebhookTrialEvent("accepted", List.of(), calls.get(i));
            case Verdict.Rejected rejected ->
                new WebhookTrialEvent("refused", rejected.reasons(), calls.get(i));
          });
    }
  }
}
