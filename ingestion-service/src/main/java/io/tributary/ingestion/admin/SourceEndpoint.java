package io.tributary.ingestion.admin;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.ingestion.webhook.CollectorAddress;
import io.tributary.ingestion.webhook.Provider;
import io.tributary.ingestion.webhook.Verification;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Sources and their write keys. */
@RestController
@RequestMapping("/api/v1/sources")
class SourceEndpoint {
  private static final Set<String> KINDS =
      Set.of("web", "mobile", "server", "file", "database", Source.WEBHOOK);
  private static final int MAX_NAME = 100;

  private final SourceAdmin admin;
  private final OwnProviders providers;
  private final CollectorAddress collector;

  SourceEndpoint(SourceAdmin admin, OwnProviders providers, CollectorAddress collector) {
    this.admin = admin;
    this.providers = providers;
    this.collector = collector;
  }

  /**
   * A source as people create it.
   *
   * @param kind web, mobile, server, file, database or webhook
   * @param webhook of a webhook, who sends it
   */
  record NewSource(@Nullable String name, @Nullable String kind, @Nullable NewWebhook webhook) {}

  /**
   * Who sends webhooks to a source. Providers that tell the key only once they have the address are
   * told of first, without it; until it's set, all they send is answered with 401.
   *
   * @param provider an id of {@code /api/v1/webhook-providers}
   * @param secret what signs; sealed, and never shown again
   * @param publicKey what signatures are verified with, where the provider keeps the secret
   * @param verifyToken what the provider shows when the address is registered
   */
  record NewWebhook(
      @Nullable String provider,
      @Nullable String secret,
      @Nullable String publicKey,
      @Nullable String verifyToken) {}

  /** What of a source is to be changed; what is absent stays. */
  record SourceChange(
      @Nullable String name, @Nullable Boolean enabled, @Nullable WebhookChange webhook) {}

  /**
   * What of a webhook is to be changed; what is absent stays.
   *
   * @param secret a new one; the one before is accepted as well, until it's ended
   * @param publicKey a new one; the one before is accepted as well, until it's ended
   * @param keepPrevious false ends the one before
   */
  record WebhookChange(
      @Nullable String secret,
      @Nullable String publicKey,
      @Nullable String verifyToken,
      @Nullable Boolean keepPrevious) {}

  /**
   * Who sends webhooks to a source.
   *
   * @param keyHint the last letters of the secret or public key
   * @param previousKeyHint those of the one before, while it's accepted
   * @param verifyTokenSet whether there is a verify token
   */
  record WebhookAnswer(
      String provider,
      @Nullable String keyHint,
      @Nullable String previousKeyHint,
      boolean verifyTokenSet) {
    static WebhookAnswer from(SourceWebhook webhook) {
      return new WebhookAnswer(
          webhook.provider(),
          webhook.keyHint(),
          webhook.previousKeyHint(),
          webhook.hasVerifyToken());
    }
  }

  /** A write key; it isn't secret, it stands in every page that collects. */
  record WriteKeyAnswer(String id, String key, Instant createdAt) {
    static WriteKeyAnswer from(SourceKey key) {
      return new WriteKeyAnswer(key.getId(), key.writeKey(), key.createdAt());
    }
  }

  /**
   * A source with its valid write keys.
   *
   * @param webhookUrl of a webhook, the address to register at the provider
   */
  record SourceAnswer(
      String id,
      String name,
      String kind,
      boolean enabled,
      Instant createdAt,
      Instant updatedAt,
      List<WriteKeyAnswer> writeKeys,
      @Nullable String webhookUrl,
      @Nullable WebhookAnswer webhook) {
    static SourceAnswer from(SourceAdmin.SourceWithKeys found, CollectorAddress collector) {
      Source source = found.source();
      SourceWebhook webhook = found.webhook();
      return new SourceAnswer(
          source.getId(),
          source.name(),
          source.kind(),
          source.isEnabled(),
          source.createdAt(),
          source.updatedAt(),
          found.keys().stream().map(WriteKeyAnswer::from).toList(),
          webhook == null || found.keys().isEmpty()
              ? null
              : collector.webhook(found.keys().getFirst().writeKey()),
          webhook == null ? null : WebhookAnswer.from(webhook));
    }
  }

  /** Creates a source with its first write key. */
  @PostMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<SourceAnswer> create(Caller caller, @RequestBody NewSource wanted) {
    Faults faults = new Faults();
    String name = faults.text(wanted.name(), "name", MAX_NAME);
    faults.check(
        wanted.kind() != null && KINDS.contains(wanted.kind()),
        "kind",
        wanted.kind() == null ? "required" : "invalid_value",
        "must be one of database, file, mobile, server, web, webhook");
    SourceAdmin.NewWebhook webhook = webhook(caller.workspaceId(), wanted, faults);
    faults.throwIfAny();
    SourceAdmin.SourceWithKeys made =
        admin.create(caller.workspaceId(), name, String.valueOf(wanted.kind()), webhook);
    return ResponseEntity.created(URI.create("/api/v1/sources/" + made.source().getId()))
        .eTag(IfMatch.etag(made.source().version()))
        .body(SourceAnswer.from(made, collector));
  }

  /** All sources, the oldest first. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<SourceAnswer> list(Caller caller, PageQuery page) {
    String after = page.after("sources", 1).map(cursor -> cursor.text(0)).orElse("");
    return Page.of(
            admin.list(caller.workspaceId(), after, page.fetchSize()),
            page,
            found -> Cursor.of("sources", found.source().getId()))
        .map(found -> SourceAnswer.from(found, collector));
  }

  /** A source with its write keys, its version in the ETag. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<SourceAnswer> read(Caller caller, @PathVariable String id) {
    return answer(admin.read(caller.workspaceId(), id));
  }

  /**
   * Renames a source, switches it off or on, or exchanges the key of its webhook. The collector
   * knows within seconds.
   */
  @PatchMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<SourceAnswer> change(
      Caller caller, @PathVariable String id, IfMatch ifMatch, @RequestBody SourceChange wanted) {
    Faults faults = new Faults();
    String name = wanted.name() == null ? null : faults.text(wanted.name(), "name", MAX_NAME);
    faults.check(
        wanted.name() != null || wanted.enabled() != null || wanted.webhook() != null,
        "$",
        "required",
        "must have name, enabled or webhook; there is nothing to change");
    SourceWebhook.Told told = null;
    if (wanted.webhook() != null) {
      WebhookChange change = wanted.webhook();
      String provider = admin.provider(caller.workspaceId(), id);
      NewWebhook given =
          new NewWebhook(provider, change.secret(), change.publicKey(), change.verifyToken());
      told =
          told(caller.workspaceId(), given, !Boolean.FALSE.equals(change.keepPrevious()), faults);
    }
    faults.throwIfAny();
    return answer(
        admin.change(
            caller.workspaceId(),
            id,
            ifMatch,
            new SourceAdmin.Change(name, wanted.enabled(), told)));
  }

  /** Deletes a source; its write keys stop working within seconds, its events stay. */
  @DeleteMapping("/{id}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String id, IfMatch ifMatch) {
    admin.delete(caller.workspaceId(), id, ifMatch);
  }

  /** Makes one more write key, so that keys can be changed without a gap. */
  @PostMapping("/{id}/write-keys")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<WriteKeyAnswer> createWriteKey(Caller caller, @PathVariable String id) {
    SourceKey made = admin.addKey(caller.workspaceId(), id);
    return ResponseEntity.status(HttpStatus.CREATED).body(WriteKeyAnswer.from(made));
  }

  /**
   * Revokes a write key; it stops working within seconds.
   *
   * @param keyId the write key's id, wk_…
   */
  @DeleteMapping("/{id}/write-keys/{keyId}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void revokeWriteKey(Caller caller, @PathVariable String id, @PathVariable String keyId) {
    admin.revokeKey(caller.workspaceId(), id, keyId);
  }

  private SourceAdmin.@Nullable NewWebhook webhook(
      String workspaceId, NewSource wanted, Faults faults) {
    NewWebhook given = wanted.webhook();
    if (given == null || !Source.WEBHOOK.equals(wanted.kind())) {
      faults.check(
          (given != null) == Source.WEBHOOK.equals(wanted.kind()),
          "webhook",
          given == null ? "required" : "not_allowed",
          "must stand with the kind webhook, and with no other");
      return null;
    }
    SourceWebhook.Told told = told(workspaceId, given, true, faults);
    return told == null ? null : new SourceAdmin.NewWebhook(String.valueOf(given.provider()), told);
  }

  /** What was told, checked against what the provider needs. */
  private SourceWebhook.@Nullable Told told(
      String workspaceId, NewWebhook given, boolean keep, Faults faults) {
    Optional<Provider> found =
        Optional.ofNullable(given.provider()).flatMap(id -> providers.provider(workspaceId, id));
    if (found.isEmpty()) {
      faults.add(
          "webhook.provider",
          given.provider() == null ? "required" : "invalid_value",
          "must be one of "
              + providers.all(workspaceId).stream()
                  .map(Provider::provider)
                  .collect(Collectors.joining(", ")));
      return null;
    }
    Provider provider = found.get();
    Map<String, @Nullable String> fields = new LinkedHashMap<>();
    fields.put("secret", given.secret());
    fields.put("publicKey", given.publicKey());
    fields.put(Provider.VERIFY_TOKEN, given.verifyToken());
    fields.forEach((name, value) ->
        faults.check(
            value == null || provider.needs().containsKey(name),
            "webhook." + name,
            "not_allowed",
            "isn't what " + provider.title() + " needs"));
    String key = fields.get(provider.keyName());
    if (key != null) {
      provider
          .fault(key)
          .ifPresent(fault -> faults.add("webhook." + provider.keyName(), "invalid", fault));
    }
    String token = given.verifyToken();
    faults.check(
        token == null || Verification.SECRET.matcher(token).matches(),
        "webhook." + Provider.VERIFY_TOKEN,
        "invalid",
        "must have 16 to 200 characters, no blanks");
    return new SourceWebhook.Told(key, token, keep);
  }

  private ResponseEntity<SourceAnswer> answer(SourceAdmin.SourceWithKeys found) {
    return ResponseEntity.ok()
        .eTag(IfMatch.etag(found.source().version()))
        .body(SourceAnswer.from(found, collector));
  }
}
