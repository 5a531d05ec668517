package io.tributary.campaign.send;

import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.store.DeliveryStore;
import io.tributary.campaign.store.DeliveryStore.Engagement;
import io.tributary.campaign.store.DeliveryStore.Target;
import io.tributary.campaign.store.OutboundStore;
import io.tributary.campaign.store.OutboundStore.Happening;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.store.SuppressionStore.Suppression;
import io.tributary.campaign.track.Links.Click;
import io.tributary.campaign.track.Links.Place;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.transaction.support.TransactionTemplate;

/** Notes what receivers do with messages. What it answers is committed. */
public final class Engagements {
  private final DeliveryStore deliveries;
  private final SuppressionStore suppressions;
  private final SuppressionLog log;
  private final OutboundStore outbound;
  private final TransactionTemplate transaction;
  private final Clock clock;

  /** Engagements noted in these stores. */
  public Engagements(
      DeliveryStore deliveries,
      SuppressionStore suppressions,
      SuppressionLog log,
      OutboundStore outbound,
      TransactionTemplate transaction,
      Clock clock) {
    this.deliveries = deliveries;
    this.suppressions = suppressions;
    this.log = log;
    this.outbound = outbound;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** Whether the message belongs to a delivery that exists. */
  public boolean isKnown(Place place) {
    return deliveries.target(place.workspaceId(), place.deliveryId()).isPresent();
  }

  /**
   * Unsubscribes the address that the message went to. From this answer on no send to it is
   * claimed.
   *
   * @return whether there was such a message
   */
  public boolean unsubscribe(Place place) {
    Instant now = clock.instant();
    Optional<Target> target = deliveries.target(place.workspaceId(), place.deliveryId());
    target.ifPresent(found -> {
      byte[] hash = found.addressHash();
      Optional<Suppression> suppression =
          Objects.requireNonNull(transaction.execute(status -> suppress(found, now)));
      if (hash != null) {
        suppression.ifPresent(added -> log.added(found.workspaceId(), added, hash));
      }
    });
    return target.isPresent();
  }

  private Optional<Suppression> suppress(Target found, Instant now) {
    byte[] hash = found.addressHash();
    Optional<Suppression> added =
        hash == null
            ? Optional.empty()
            : Optional.of(
                suppressions.add(
                    found.workspaceId(),
                    Channel.parse(found.channel()),
                    hash,
                    found.address(),
                    "unsubscribed",
                    now));
    note(found, Engagement.UNSUBSCRIBED, "Unsubscribed", "-unsubscribed", "", now);
    return added;
  }

  /** Notes that a mail was opened. */
  public void opened(Place place) {
    Instant now = clock.instant();
    deliveries
        .target(place.workspaceId(), place.deliveryId())
        .ifPresent(found ->
            transaction.executeWithoutResult(
                status -> note(found, Engagement.OPENED, "Email Opened", "-opened", "", now)));
  }

  /** Notes that a link was followed. */
  public void clicked(Click click) {
    Instant now = clock.instant();
    deliveries
        .target(click.place().workspaceId(), click.place().deliveryId())
        .ifPresent(found ->
            transaction.executeWithoutResult(status ->
                note(
                    found,
                    Engagement.CLICKED,
                    "Email Link Clicked",
                    "-clicked-" + click.index(),
                    click.url(),
                    now)));
  }

  private void note(
      Target target, Engagement engagement, String event, String suffix, String url, Instant now) {
    boolean first = deliveries.engaged(target, engagement, now);
    // Another link of the same mail is another event; opening twice is not.
    if (target.address() == null || !(first || engagement == Engagement.CLICKED)) {
      return;
    }
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("email_id", target.deliveryId());
    properties.put("campaign_id", target.campaignId());
    properties.put("campaign_name", target.campaignName());
    if (target.subject() != null) {
      properties.put("email_subject", target.subject());
    }
    if (!url.isEmpty()) {
      properties.put("link_url", url);
    }
    outbound.add(
        new Happening(
            target.workspaceId(),
            target.deliveryId(),
            target.profileId(),
            target.deliveryId() + suffix,
            event,
            properties,
            now));
  }
}
