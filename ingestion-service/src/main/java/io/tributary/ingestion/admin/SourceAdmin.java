package io.tributary.ingestion.admin;

import io.tributary.access.Secrets;
import io.tributary.access.WriteKeys;
import io.tributary.event.Ids;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.support.TransactionTemplate;

/** Changes sources and write keys, one transaction each. */
final class SourceAdmin {
  private static final Logger LOG = LoggerFactory.getLogger(SourceAdmin.class);

  /** The one in use and the one that replaces it. */
  private static final int MAX_KEYS = 2;

  private final Sources sources;
  private final SourceKeys keys;
  private final WriteKeys writeKeys;
  private final TransactionTemplate transaction;
  private final Clock clock;

  record SourceWithKeys(Source source, List<SourceKey> keys) {}

  SourceAdmin(
      Sources sources,
      SourceKeys keys,
      WriteKeys writeKeys,
      TransactionTemplate transaction,
      Clock clock) {
    this.sources = sources;
    this.keys = keys;
    this.writeKeys = writeKeys;
    this.transaction = transaction;
    this.clock = clock;
  }

  SourceWithKeys create(String workspaceId, String name, String kind) {
    Instant now = clock.instant();
    SourceWithKeys made =
        uniqueName(
            name,
            () -> {
              Source source =
                  sources.saveAndFlush(new Source(Ids.create("src"), workspaceId, name, kind, now));
              return new SourceWithKeys(source, List.of(newKey(source, now)));
            });
    changed("create", workspaceId, made.source().getId());
    return made;
  }

  List<SourceWithKeys> list(String workspaceId, String after, int limit) {
    return inTransaction(() -> {
      List<Source> page =
          sources.page(workspaceId, after, org.springframework.data.domain.Limit.of(limit));
      Map<String, List<SourceKey>> bySource =
          keys.active(workspaceId, page.stream().map(Source::getId).toList()).stream()
              .collect(Collectors.groupingBy(SourceKey::sourceId));
      return page.stream()
          .map(s -> new SourceWithKeys(s, shown(s, bySource.getOrDefault(s.getId(), List.of()))))
          .toList();
    });
  }

  SourceWithKeys read(String workspaceId, String id) {
    return inTransaction(() -> withKeys(find(workspaceId, id)));
  }

  SourceWithKeys change(
      String workspaceId,
      String id,
      IfMatch ifMatch,
      @Nullable String name,
      @Nullable Boolean enabled) {
    SourceWithKeys made =
        uniqueName(
            Objects.requireNonNullElse(name, ""),
            () -> {
              Source source = changeable(find(workspaceId, id));
              ifMatch.require(source.version());
              source.change(name, enabled, clock.instant());
              return withKeys(sources.saveAndFlush(source));
            });
    changed("change", workspaceId, id);
    return made;
  }

  void delete(String workspaceId, String id, IfMatch ifMatch) {
    inTransaction(() -> {
      Source source = changeable(find(workspaceId, id));
      ifMatch.require(source.version());
      source.delete(clock.instant());
      return sources.saveAndFlush(source);
    });
    changed("delete", workspaceId, id);
  }

  SourceKey addKey(String workspaceId, String id) {
    SourceKey made =
        inTransaction(() -> {
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
    inTransaction(() -> {
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

  private SourceWithKeys withKeys(Source source) {
    return new SourceWithKeys(
        source, shown(source, keys.active(source.workspaceId(), List.of(source.getId()))));
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

  private <T> T uniqueName(String name, Supplier<T> work) {
    try {
      return inTransaction(work);
    } catch (DataIntegrityViolationException e) {
      if (String.valueOf(e.getMessage()).contains("source_name")) {
        throw Problem.conflict(
            "name_taken", "There is a source named " + name + " already; choose another name.");
      }
      throw e;
    }
  }

  private <T> T inTransaction(Supplier<T> work) {
    return Objects.requireNonNull(transaction.execute(status -> work.get()));
  }

  private void changed(String action, String workspaceId, String id) {
    writeKeys.refresh();
    LOG.info("source action={} workspace={} source={}", action, workspaceId, id);
  }
}
