package io.tributary.ingestion.activity;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.web.Cursor;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which events a workspace sends. */
@RestController
@RequestMapping("/api/v1/event-catalogue")
class CatalogueEndpoint {
  private static final String CURSOR = "event-catalogue";

  private final Catalogue catalogue;
  private final Clock clock;

  CatalogueEndpoint(Catalogue catalogue, Clock clock) {
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /** How many came on a day that begins then, in UTC. */
  record CatalogueDay(Instant day, long count) {}

  /**
   * An event that was accepted today or in the seven days before.
   *
   * @param name of a tracked event, cut after 128 characters
   * @param state as far as these days tell: new (came first in the last 24 hours), silent (on three
   *     days at least, but not in the last 24 hours) or steady
   * @param sources whose it is
   * @param count of all those days
   * @param days those with something in them
   */
  record CatalogueEntry(
      String type,
      @Nullable String name,
      String state,
      List<String> sources,
      long count,
      List<CatalogueDay> days,
      Instant firstSeenAt,
      Instant lastSeenAt) {
    static CatalogueEntry from(Catalogue.Entry entry) {
      boolean tracked = entry.kind().equals(Kind.TRACK.wire());
      return new CatalogueEntry(
          tracked ? entry.kind() : entry.name(),
          tracked ? entry.name() : null,
          entry.state().name().toLowerCase(Locale.ROOT),
          List.copyOf(entry.sources()),
          entry.days().stream().mapToLong(Catalogue.Day::count).sum(),
          entry.days().stream().map(day -> new CatalogueDay(day.day(), day.count())).toList(),
          entry.first(),
          entry.last());
    }
  }

  /** All events of the workspace by name, from all its sources, a second or two behind. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<CatalogueEntry> list(Caller caller, PageQuery page) {
    List<String> after =
        page.after(CURSOR, 2)
            .map(cursor -> List.of(cursor.text(0), cursor.text(1)))
            .orElse(List.of("", ""));
    return Page.of(
            catalogue.page(
                caller.workspaceId(),
                after.getFirst(),
                after.getLast(),
                page.fetchSize(),
                clock.instant()),
            page,
            entry -> Cursor.of(CURSOR, entry.kind(), entry.name()))
        .map(CatalogueEntry::from);
  }
}
