package io.tributary.campaign.send;

import io.tributary.campaign.journey.Transition;
import io.tributary.campaign.send.Claims.Claimed;
import io.tributary.campaign.store.ClaimStore;
import io.tributary.campaign.store.OutboundStore;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.store.SuppressionStore.Suppression;
import io.tributary.stream.Ledger;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/** Records what became of a claim: state, suppression and event in one transaction. */
public final class Outcomes {
  private static final Logger LOG = LoggerFactory.getLogger(Outcomes.class);
  private final ClaimStore store;
  private final SuppressionStore suppressions;
  private final SuppressionLog log;
  private final OutboundStore outbound;
  private final TransactionTemplate transaction;
  private final Clock clock;
  private final RandomGenerator random = RandomGenerator.getDefault();

  /** Records in these stores. */
  public Outcomes(
      ClaimStore store,
      SuppressionStore suppressions,
      SuppressionLog log,
      OutboundStore outbound,
      TransactionTemplate transaction,
      Clock clock) {
    this.store = store;
    this.suppressions = suppressions;
    this.log = log;
    this.outbound = outbound;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** Records the result of an attempt. */
  public Transition record(Claimed claim, UUID token, Courier.Sent sent) {
    Instant now = clock.instant();
    Transition next =
        Transition.after(
            claim.campaign().message().channel(),
            sent.result(),
            claim.attempt(),
            now,
            random.nextDouble());
    List<Bounced> bounced = new ArrayList<>(1);
    transaction.executeWithoutResult(status -> {
      bounced.clear();
      // Suppressing first: its lock is taken before the delivery's row, as a claim does it.
      if (next.suppress() && claim.address() != null) {
        bounced.add(suppress(claim, claim.address(), now));
      }
      if (next.pauseCampaign()) {
        store.pause(claim.campaign().id(), next.outcome(), now);
      }
      boolean ours =
          store.finish(
              claim.campaign().workspaceId(),
              claim.deliveryId(),
              token,
              next,
              sent.subject(),
              sent.messageId(),
              now);
      Transition.Report report = next.event();
      if (ours && report != null) {
        outbound.add(happening(claim, report, sent.subject(), next, now));
      }
    });
    bounced.forEach(one -> note(claim, one));
    return next;
  }

  private record Bounced(Suppression suppression, byte[] hash) {}

  /** Nobody waits for an answer here: an address that isn't written down bounces once more. */
  private void note(Claimed claim, Bounced bounced) {
    try {
      log.added(claim.campaign().workspaceId(), bounced.suppression(), bounced.hash());
    } catch (Ledger.NotLogged e) {
      LOG.warn("send delivery={} suppression=not_logged", claim.deliveryId());
    }
  }

  private Bounced suppress(Claimed claim, String address, Instant now) {
    String workspace = claim.campaign().workspaceId();
    var channel = claim.campaign().message().channel();
    byte[] hash = suppressions.hash(workspace, channel, address);
    return new Bounced(suppressions.add(workspace, channel, hash, address, "bounced", now), hash);
  }

  private static OutboundStore.Happening happening(
      Claimed claim,
      Transition.Report report,
      @Nullable String subject,
      Transition next,
      Instant now) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("email_id", claim.deliveryId());
    properties.put("campaign_id", claim.campaign().id());
    properties.put("campaign_name", claim.campaign().name());
    if (subject != null) {
      properties.put("email_subject", subject);
    }
    if (report == Transition.Report.BOUNCED) {
      properties.put("reason", next.outcome());
    }
    return new OutboundStore.Happening(
        claim.campaign().workspaceId(),
        claim.deliveryId(),
        claim.person().root(),
        claim.deliveryId() + (report == Transition.Report.SENT ? "-sent" : "-bounced"),
        report == Transition.Report.SENT ? "Email Sent" : "Email Bounced",
        properties,
        now);
  }
}
