package io.tributary.ingestion.admin;

import io.tributary.access.Secrets;
import io.tributary.access.WriteKeys;
import io.tributary.event.Ids;
import io.tributary.ingestion.webhook.WebhookSecrets;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/** Changes sources and write keys, one transaction each. */
final class SourceAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(SourceAdmin.class);

  /** The one in use and the one that replaces it. */
  private static final int MAX_KEYS = 2;

  private final Sources sources;
  private final SourceKeys keys;
  private final SourceWebhooks webhooks;
  private final OwnProviders providers;
  private final WebhookSecrets secrets;
  private final WriteKeys writeKeys;
  private final Changes changes;
  private final Clock clock;

  /**
   * A source and what belongs to it.
   *
   * @param webhook of a source of that kind
   */
  record SourceWithKeys(Source source, List<SourceKey> keys, @Nullable SourceWebhook webhook) {}

  /**
   * The webhook of a source to be made.
   *
   * @param provider a known one
   */
  record NewWebhook(String provider, SourceWebhook.Told told) {}

  /** What of a source is to be changed; what is null stays. */
  record Change(
      @Nullable String name, @Nullable Boolean enabled, SourceWebhook.@Nullable Told webhook) {}

  /** Where sources are stored. */
  record Stores(
      Sources sources, SourceKeys keys, SourceWebhooks webhooks, OwnProviders providers) {}

  SourceAdmin(
      Stores stores,
      WebhookSecrets secrets,
      WriteKeys writeKeys,
      TransactionTemplate transaction,
      Clock clock) {
    this.sources = stores.sources();
    this.keys = stores.keys();
    this.webhooks = stores.webhooks();
    this.providers = stores.providers();
    this.secrets = secrets;
    this.writeKeys = writeKeys;
    this.changes = new Changes(transaction, "source", "source_name");
    this.clock = clock;
  }

  SourceWithKeys create(
      String workspaceId, String name, String kind, @Nullable NewWebhook webhook) {
    Instant now = clock.instant();
    SourceWithKeys created =
        changes.named(
            name,
            () -> {
              if (webhook != null) {
                providers.hold(workspaceId, webhook.provider());
              }
              Source source =
                  sources.saveAndFlush(new Source(Ids.create("src"), workspaceId, name, kind, now));
              SourceWebhook made =
                  webhook == null
                      ? null
                      : tell(new SourceWebhook(source, webhook.provider()), webhook.told());
              return new SourceWithKeys(source, List.of(newKey(source, now)), made);
            });
    changed("create", workspaceId, created.source().getId());
    return created;
  }

  List<SourceWithKeys> list(String workspaceId, String after, int limit) {
    return changes.run(() -> {
      List<Source> page =
          sources.page(workspaceId, after, org.springframework.data.domain.Limit.of(limit));
      List<String> ids = page.stream().map(Source::getId).toList();
      Map<String, List<SourceKey>> bySource =
          keys.active(workspaceId, ids).stream()
              .collect(Collectors.groupingBy(SourceKey::sourceId));
      Map<String, SourceWebhook> webhookOf =
          webhooks.of(workspaceId, ids).stream()
              .collect(Collectors.toMap(SourceWebhook::getId, webhook -> webhook));
      return page.stream()
          .map(s ->
              new SourceWithKeys(
                  s,
                  shown(s, bySource.getOrDefault(s.getId(), List.of())),
                  webhookOf.get(s.getId())))
          .toList();
    });
  }

  SourceWithKeys read(String workspaceId, String id) {
    return changes.run(() -> withKeys(find(workspaceId, id)));
  }

  SourceWithKeys change(String workspaceId, String id, IfMatch ifMatch, Change change) {
    SourceWithKeys made =
        changes.named(
            Objects.requireNonNullElse(change.name(), ""),
            () -> {
              Source source = changeable(find(workspaceId, id));
              ifMatch.require(source.version());
              if (change.webhook() != null) {
                tell(webhook(source), change.webhook());
              }
              source.change(change.name(), change.enabled(), clock.instant());
              return withKeys(sources.saveAndFlush(source));
            });
    changed("change", workspaceId, id);
    return made;
  }

  void delete(String workspaceId, String id, IfMatch ifMatch) {
    changes.run(() -> {
      Source source = changeable(find(workspaceId, id));
      ifMatch.require(source.version());
      source.delete(clock.instant());
      webhooks.find(workspaceId, id).ifPresent(webhooks::delete);
      return sources.saveAndFlush(source);
    });
    changed("delete", workspaceId, id);
  }

  SourceKey addKey(String workspaceId, String id) {
    SourceKey made =
        changes.run(() -> {
          Source source =
              changeable(sources.findForUpdate(workspaceId, id).orElseThrow(() -> unknown(id)));
          if (keys.active(workspaceId, List.of(id)).size() >= MAX_KEYS) {
            throw Problem.conflict(
                "too_many_write_keys",
                "This source has two write keys already; revoke the old one first.");
          }
          return newKey(source, clock.instant());
        });
    changed("add-key", workspaceId, id);
    return made;
  }

  void revokeKey(String workspaceId, String id, String keyId) {
    changes.run(() -> {
      changeable(find(workspaceId, id));
      SourceKey key =
          keys.find(workspaceId, id, keyId)
              .orElseThrow(
                  () -> Problem.notFound("This source has no valid write key " + keyId + "."));
      key.revoke(clock.instant());
      return keys.save(key);
    });
    changed("revoke-key", workspaceId, id);
  }

  private SourceKey newKey(Source source, Instant now) {
    return keys.save(new SourceKey(Ids.create("wk"), source, Secrets.writeKey(), now));
  }

  private SourceWebhook tell(SourceWebhook webhook, SourceWebhook.Told told) {
    try {
      webhook.tell(told, secrets);
    } catch (WebhookSecrets.NoKeyException e) {
      throw Problem.conflict(
          "encryption_key_missing",
          "Secrets can't be sealed: set TRIBUTARY_ENCRYPTION_KEY for the ingestion service.");
    }
    return webhooks.save(webhook);
  }

  /** The provider of a source that webhooks are sent to; a problem for any other source. */
  String provider(String workspaceId, String id) {
    return changes.run(() -> webhook(find(workspaceId, id)).provider());
  }

  private SourceWebhook webhook(Source source) {
    return webhooks
        .find(source.workspaceId(), source.getId())
        .orElseThrow(() ->
            Problem.invalid("webhook", "not_allowed", "is only for a source of the kind webhook"));
  }

  private SourceWithKeys withKeys(Source source) {
    return new SourceWithKeys(
        source,
        shown(source, keys.active(source.workspaceId(), List.of(source.getId()))),
        webhooks.find(source.workspaceId(), source.getId()).orElse(null));
  }

  /** The internal source's key is for our own services only. */
  private static List<SourceKey> shown(Source source, List<SourceKey> keys) {
    return source.isInternal() ? List.of() : keys;
  }

  private Source find(String workspaceId, String id) {
    return sources.find(workspaceId, id).orElseThrow(() -> unknown(id));
  }

  private static Source changeable(Source source) {
    if (source.isInternal()) {
      throw Problem.conflict(
          "internal_source",
          "This source carries what recipients do with messages; it can't be changed.");
    }
    return source;
  }

  private static Problem unknown(String id) {
    return Problem.notFound("There is no source " + id + " in this workspace.");
  }

  private void changed(String action, String workspaceId, String id) {
    writeKeys.refresh();
    LOG.info("source action={} workspace={} source={}", action, workspaceId, id);
  }
}
