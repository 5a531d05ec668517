package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Journal.Entry;
import io.tributary.acceptance.chaos.Journal.Outcome;
import io.tributary.acceptance.chaos.Journal.Silence;
import io.tributary.acceptance.chaos.Reads.Campaign;
import io.tributary.acceptance.chaos.Reads.Crossing;
import io.tributary.acceptance.chaos.Reads.Delivery;
import io.tributary.acceptance.chaos.Receivers.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * I7: one delivery for each trigger and none without, received once where the record says sent, at
 * most once where it says uncertain, and never elsewhere. I8: nothing claimed for anybody after
 * they were promised silence.
 */
final class Sends {
  private static final Set<String> SILENT =
      Set.of("address_suppressed", "profile_suppressed", "profile_erased", "profile_unknown");
  private final Map<String, Entry> journal;
  private final List<Silence> silences;
  private final Reads reads;
  private final Map<String, List<Receipt>> receipts;
  private final List<Finding> findings = new ArrayList<>();

  private Sends(Map<String, Entry> journal, List<Silence> silences, Reads reads) {
    this.journal = journal;
    this.silences = silences;
    this.reads = reads;
    this.receipts = reads.receipts().stream().collect(Collectors.groupingBy(Receipt::order));
  }

  static List<Finding> judge(Map<String, Entry> journal, List<Silence> silences, Reads reads) {
    Sends sends = new Sends(journal, silences, reads);
    sends.eventCampaign(Scene.RECEIPT, "Bought");
    sends.eventCampaign(Scene.PARCEL, "Shipped");
    sends.welcome();
    sends.strangers();
    return sends.findings;
  }

  private void eventCampaign(String name, String event) {
    Campaign campaign = reads.campaigns().get(name);
    if (campaign == null) {
      return;
    }
    Map<String, Delivery> byTrigger = once(name, campaign);
    for (Entry entry : journal.values()) {
      Fact fact = entry.fact();
      Delivery delivery = byTrigger.remove(fact.id());
      if (!fact.event().equals(event)) {
        if (delivery != null) {
          ghost(fact.round(), "%s made %s out of nothing".formatted(fact.id(), delivery.id()));
        }
      } else if (delivery != null) {
        delivered(fact, delivery);
        silence(fact, delivery);
      } else if (entry.outcome() == Outcome.OK
          && fact.at().isAfter(campaign.since())
          && !isErased(fact.who().userId())) {
        findings.add(
            Finding.lost(
                "I7", fact.round(), "%s started no delivery of %s".formatted(fact.id(), name)));
      }
    }
    byTrigger.forEach((trigger, delivery) ->
        ghost(0, "%s was triggered by %s, which nobody sent".formatted(delivery.id(), trigger)));
  }

  private Map<String, Delivery> once(String name, Campaign campaign) {
    Map<String, Delivery> byTrigger = new HashMap<>();
    for (Delivery delivery : campaign.deliveries()) {
      if (byTrigger.put(delivery.trigger(), delivery) != null) {
        findings.add(
            Finding.repeated(
                "I7", 0, "%s has two deliveries for %s".formatted(name, delivery.trigger())));
      }
    }
    return byTrigger;
  }

  private void delivered(Fact fact, Delivery delivery) {
    int received = receipts.getOrDefault(fact.order(), List.of()).size();
    if (received > 1) {
      findings.add(
          Finding.repeated(
              "I7",
              fact.round(),
              "%s (%s) was received %d times".formatted(delivery.id(), fact.id(), received)));
    }
    String said = delivery.id() + " is " + delivery.state() + " (" + delivery.outcome() + ")";
    switch (delivery.state()) {
      case "sent" -> {
        if (received == 0) {
          findings.add(Finding.lost("I7", fact.round(), said + " and was never received"));
        }
      }
      case "uncertain" -> {
        // None or one.
      }
      case "skipped" -> {
        if (received > 0 || !SILENT.contains(delivery.outcome()) || !wasAsked(fact)) {
          wrong(fact.round(), said + " for " + fact.id());
        }
      }
      case "bounced", "failed" ->
          wrong(fact.round(), said + " although nobody refused it for good");
      default -> {
        if (!delivery.waits() || received > 0) {
          wrong(fact.round(), said + " and comes to no end");
        }
      }
    }
  }

  /** Whether somebody tried to silence this person, answered or not. */
  private static boolean wasAsked(Fact fact) {
    return fact.who().userId().startsWith("x-");
  }

  private boolean isErased(String userId) {
    return silences.stream()
        .anyMatch(s -> s.why().equals(Silencer.ERASE) && s.userId().equals(userId));
  }

  /** I8. */
  private void silence(Fact fact, Delivery delivery) {
    for (Silence silence : silences) {
      if (silence.userId().equals(fact.who().userId())
          && delivery.claimedAt().isAfter(silence.answered())
          && !delivery.state().equals("skipped")) {
        findings.add(
            Finding.mismatched(
                "I8",
                fact.round(),
                "%s was claimed at %s, after the answer to %s at %s"
                    .formatted(
                        delivery.id(), delivery.claimedAt(), silence.why(), silence.answered())));
      }
    }
  }

  /** Each entry into the segment greets once. */
  private void welcome() {
    Campaign campaign = reads.campaigns().get(Scene.WELCOME);
    Reads.Segment segment = reads.segments().get(Scene.LATELY);
    if (campaign == null || segment == null) {
      return;
    }
    Map<String, Delivery> byTrigger = once(Scene.WELCOME, campaign);
    for (Crossing crossing : segment.crossings()) {
      boolean begun = byTrigger.remove(crossing.id()) != null;
      if (crossing.entered() && !begun && crossing.at().isAfter(campaign.since())) {
        findings.add(
            Finding.lost(
                "I7", 0, "entry %s at %s greeted nobody".formatted(crossing.id(), crossing.at())));
      } else if (!crossing.entered() && begun) {
        ghost(0, "exit %s greeted somebody".formatted(crossing.id()));
      }
    }
    byTrigger.forEach((trigger, delivery) ->
        ghost(
            0, "%s was triggered by %s, which isn't in the log".formatted(delivery.id(), trigger)));
    greeted(campaign);
  }

  private void greeted(Campaign campaign) {
    Map<String, List<Delivery>> byProfile =
        campaign.deliveries().stream().collect(Collectors.groupingBy(Delivery::profile));
    byProfile.forEach((profile, deliveries) -> {
      long sent = deliveries.stream().filter(d -> d.state().equals("sent")).count();
      // One that is still claimed is a fault of its own, and may have been received.
      long uncertain =
          deliveries.stream()
              .filter(d -> Set.of("uncertain", "claimed").contains(d.state()))
              .count();
      List<Receipt> greetings = receipts.getOrDefault(profile, List.of());
      int received = greetings.size();
      // A restored database works entries out anew: perhaps one where there were two.
      long recent = greetings.stream().filter(greeting -> !greeting.past()).count();
      if (received < sent) {
        findings.add(
            Finding.lost(
                "I7",
                0,
                "%s was greeted %d times, received %d".formatted(profile, sent, received)));
      } else if (recent > sent + uncertain) {
        findings.add(
            Finding.repeated(
                "I7",
                0,
                "%s was greeted %d times and %d uncertain, received %d"
                    .formatted(profile, sent, uncertain, recent)));
      }
      deliveries.stream()
          .filter(d -> Set.of("pending", "claimed").contains(d.state()) && !d.waits())
          .forEach(d -> wrong(0, d.id() + " is " + d.state() + " and comes to no end"));
    });
  }

  /** What was received must have been asked for. */
  private void strangers() {
    Set<String> known =
        journal.values().stream().map(entry -> entry.fact().order()).collect(Collectors.toSet());
    Optional.ofNullable(reads.campaigns().get(Scene.WELCOME)).map(Campaign::deliveries).stream()
        .flatMap(List::stream)
        .map((Function<Delivery, String>) Delivery::profile)
        .forEach(known::add);
    for (Receipt receipt : reads.receipts()) {
      // After a restore a profile of after the backup has another id.
      boolean formerProfile = receipt.past() && receipt.order().startsWith("prf_");
      if (!known.contains(receipt.order()) && !formerProfile) {
        ghost(0, "a message about " + receipt.order() + " was received");
      }
    }
  }

  private void ghost(int round, String sentence) {
    findings.add(Finding.ghost("I7", round, sentence));
  }

  private void wrong(int round, String sentence) {
    findings.add(Finding.mismatched("I7", round, sentence));
  }
}
