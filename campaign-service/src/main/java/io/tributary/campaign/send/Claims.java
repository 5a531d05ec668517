package io.tributary.campaign.send;

import io.tributary.campaign.journey.CampaignState;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.journey.Eligibility;
import io.tributary.campaign.journey.Eligibility.Block;
import io.tributary.campaign.journey.SkipReason;
import io.tributary.campaign.store.ClaimStore;
import io.tributary.campaign.store.ClaimStore.Campaign;
import io.tributary.campaign.store.ClaimStore.Due;
import io.tributary.campaign.store.Locks;
import io.tributary.campaign.store.ProfileReader;
import io.tributary.campaign.store.ProfileReader.Person;
import io.tributary.campaign.store.RestoreStore;
import io.tributary.campaign.store.SuppressionStore;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Claims due deliveries of one campaign at a time. The checks and the claim are one transaction
 * under the locks that unsubscribing, suppressing and blocking take, too: once one of those is
 * answered, no send to that person or address is claimed any more.
 */
public final class Claims {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration DOUBT = Duration.ofMinutes(1);
  private final ClaimStore store;
  private final ProfileReader profiles;
  private final SuppressionStore suppressions;
  private final RestoreStore restores;
  private final Locks locks;
  private final TransactionTemplate transaction;
  private final String instance;
  private final Clock clock;
  private final Map<UUID, Instant> doubtful = new ConcurrentHashMap<>();

  /** What is read and written. */
  public record Stores(
      ClaimStore claims,
      ProfileReader profiles,
      SuppressionStore suppressions,
      RestoreStore restores,
      Locks locks) {}

  /** What claims need; {@code instance} is noted with each. */
  public Claims(Stores stores, TransactionTemplate transaction, String instance, Clock clock) {
    this.store = stores.claims();
    this.profiles = stores.profiles();
    this.suppressions = stores.suppressions();
    this.restores = stores.restores();
    this.locks = stores.locks();
    this.transaction = transaction;
    this.instance = instance;
    this.clock = clock;
  }

  /**
   * A delivery that may and must be sent now.
   *
   * @param attempt from 1
   */
  public record Claimed(
      Campaign campaign,
      String deliveryId,
      Person person,
      @Nullable String address,
      @Nullable String event,
      int attempt,
      String triggerKey,
      @Nullable String addressHash,
      Instant createdAt) {}

  /** What was claimed together, under one token; perhaps nothing. */
  public record Batch(UUID token, List<Claimed> claimed, int skipped) {
    /** Copies the list. */
    public Batch {
      claimed = List.copyOf(claimed);
    }

    /** Whether there was nothing due. */
    public boolean isEmpty() {
      return claimed.isEmpty() && skipped == 0;
    }
  }

  /**
   * Claims up to {@code limit} due deliveries of a campaign. When the answer to the commit is lost,
   * they may be claimed all the same: {@link #giveBack} makes them due again.
   */
  public Batch claim(String campaignId, int limit) {
    UUID token = UUID.randomUUID();
    try {
      return Objects.requireNonNull(
          transaction.execute(
              status -> store.hold(campaignId).map(c -> claim(c, limit, token)).orElse(none())));
    } catch (DataAccessException | TransactionException e) {
      doubtful.put(token, clock.instant());
      throw e;
    }
  }

  /**
   * Gives back what was perhaps claimed by a transaction whose answer was lost: none of it was
   * sent. Looked for again for a while, since such a commit may still be on its way.
   */
  public void giveBack() {
    Instant now = clock.instant();
    doubtful
        .entrySet()
        .removeIf(doubt ->
            store.release(doubt.getKey(), now) > 0 || doubt.getValue().plus(DOUBT).isBefore(now));
  }

  private static Batch none() {
    return new Batch(new UUID(0, 0), List.of(), 0);
  }

  private Batch claim(Campaign campaign, int limit, UUID token) {
    Instant now = clock.instant();
    List<Due> due = store.due(campaign.id(), now, limit);
    if (due.isEmpty()) {
      return none();
    }
    if (campaign.state() != CampaignState.ACTIVE) {
      store.skip(
          campaign.workspaceId(),
          due.stream()
              .map(d -> new ClaimStore.Skip(d.deliveryId(), SkipReason.CAMPAIGN_STOPPED.wire()))
              .toList(),
          now);
      return new Batch(new UUID(0, 0), List.of(), due.size());
    }
    Picture picture = look(campaign, due);
    return decide(campaign, due, picture, token, now);
  }

  /** What is known about the people behind the deliveries, read under their locks. */
  private record Picture(
      Map<UUID, Person> people,
      Map<UUID, UUID> rootsNow,
      Map<UUID, Block> blocks,
      Map<UUID, byte[]> hashes,
      Set<ByteBuffer> suppressed) {}

  private Picture look(Campaign campaign, List<Due> due) {
    String workspace = campaign.workspaceId();
    Channel channel = campaign.message().channel();
    Set<UUID> ids = new TreeSet<>(due.stream().map(Due::profileId).toList());
    Map<UUID, Person> people = profiles.people(workspace, ids);
    Map<UUID, byte[]> hashes = new HashMap<>();
    Set<String> keys = new HashSet<>();
    for (UUID id : ids) {
      Person person = people.get(id);
      keys.add(Locks.person(workspace, person == null ? id : person.root()));
      String address = person == null ? null : address(channel, person);
      if (address != null) {
        byte[] hash = suppressions.hash(workspace, channel, address);
        hashes.put(id, hash);
        keys.add(SuppressionStore.lockKey(workspace, channel, hash));
      }
    }
    locks.take(keys);
    // From here on nobody is blocked, suppressed or unsubscribed until this transaction ends.
    Set<UUID> all = new HashSet<>(ids);
    people
        .values()
        .forEach(person -> {
          all.add(person.root());
          all.addAll(person.homes());
        });
    return new Picture(
        people,
        profiles.roots(workspace, ids),
        profiles.blocks(workspace, all),
        hashes,
        suppressions.suppressed(workspace, channel, hashes.values()));
  }

  private static @Nullable String address(Channel channel, Person person) {
    return switch (channel) {
      case EMAIL -> person.email();
      case WEBHOOK -> null;
    };
  }

  private Batch decide(Campaign campaign, List<Due> due, Picture picture, UUID token, Instant now) {
    Set<UUID> reached = reached(due, picture);
    Set<String> inThisBatch = new HashSet<>();
    List<Claimed> claimed = new ArrayList<>();
    List<RestoreStore.Candidate> candidates = new ArrayList<>();
    List<ClaimStore.Skip> skips = new ArrayList<>();
    List<String> moved = new ArrayList<>();
    for (Due delivery : due) {
      Person person = picture.people().get(delivery.profileId());
      if (person != null && !person.root().equals(picture.rootsNow().get(delivery.profileId()))) {
        // Merged or split between the look and the lock: the wrong person is locked.
        moved.add(delivery.deliveryId());
        continue;
      }
      Eligibility.Facts facts = facts(campaign, delivery, person, picture, reached, inThisBatch);
      Optional<SkipReason> objection = Eligibility.objection(facts);
      if (objection.isPresent() || person == null) {
        SkipReason reason = objection.orElse(SkipReason.PROFILE_UNKNOWN);
        skips.add(new ClaimStore.Skip(delivery.deliveryId(), reason.wire()));
      } else {
        byte[] hash = picture.hashes().get(delivery.profileId());
        claimed.add(claimed(campaign, delivery, person, facts, hash));
        candidates.add(candidate(delivery, person, hash));
      }
    }
    Set<String> sentBefore =
        candidates.isEmpty() ? Set.of() : restores.sentBefore(campaign.id(), candidates);
    claimed.removeIf(claim -> sentBefore.contains(claim.deliveryId()));
    Batch batch = write(campaign, claimed, skips, moved, token, now);
    if (sentBefore.isEmpty()) {
      return batch;
    }
    store.sentBefore(campaign.workspaceId(), sentBefore, now);
    return new Batch(batch.token(), batch.claimed(), batch.skipped() + sentBefore.size());
  }

  private static RestoreStore.Candidate candidate(
      Due delivery, Person person, byte @Nullable [] hash) {
    Set<UUID> profiles = new HashSet<>(person.homes());
    profiles.add(person.root());
    profiles.add(delivery.profileId());
    return new RestoreStore.Candidate(
        delivery.deliveryId(),
        delivery.event() != null,
        delivery.runId(),
        delivery.triggerKey(),
        profiles,
        hash,
        delivery.createdAt());
  }

  private static Claimed claimed(
      Campaign campaign,
      Due delivery,
      Person person,
      Eligibility.Facts facts,
      byte @Nullable [] hash) {
    return new Claimed(
        campaign,
        delivery.deliveryId(),
        person,
        facts.address(),
        delivery.event(),
        delivery.attempts() + 1,
        delivery.triggerKey(),
        hash == null ? null : HexFormat.of().formatHex(hash),
        delivery.createdAt());
  }

  private Eligibility.Facts facts(
      Campaign campaign,
      Due delivery,
      @Nullable Person person,
      Picture picture,
      Set<UUID> reached,
      Set<String> inThisBatch) {
    Channel channel = campaign.message().channel();
    byte[] hash = picture.hashes().get(delivery.profileId());
    boolean again =
        delivery.runId() != null
            && person != null
            && (reached.contains(person.root())
                || !inThisBatch.add(delivery.runId() + person.root()));
    return new Eligibility.Facts(
        channel,
        false,
        person != null,
        block(delivery, person, picture.blocks()),
        again,
        person == null ? null : address(channel, person),
        hash != null && picture.suppressed().contains(ByteBuffer.wrap(hash)),
        campaign.consentCategory(),
        person == null ? Set.of() : person.granted());
  }

  private static @Nullable Block block(
      Due delivery, @Nullable Person person, Map<UUID, Block> blocks) {
    Collection<UUID> ids = new HashSet<>(Set.of(delivery.profileId()));
    if (person != null) {
      ids.add(person.root());
      ids.addAll(person.homes());
    }
    Block worst = null;
    for (UUID id : ids) {
      Block block = blocks.get(id);
      worst = block != null && worst != Block.ERASED ? block : worst;
    }
    return worst;
  }

  /** Only a retry of the same delivery may find its own person reached, and that one is pending. */
  private Set<UUID> reached(List<Due> due, Picture picture) {
    Map<String, Set<UUID>> roots = new HashMap<>();
    for (Due delivery : due) {
      Person person = picture.people().get(delivery.profileId());
      if (delivery.runId() != null && person != null) {
        roots.computeIfAbsent(delivery.runId(), run -> new HashSet<>()).add(person.root());
      }
    }
    Set<UUID> reached = new HashSet<>();
    roots.forEach((run, people) -> reached.addAll(store.reached(run, people)));
    return reached;
  }

  private Batch write(
      Campaign campaign,
      List<Claimed> claimed,
      List<ClaimStore.Skip> skips,
      List<String> moved,
      UUID token,
      Instant now) {
    String workspace = campaign.workspaceId();
    if (!claimed.isEmpty()) {
      store.claim(
          workspace,
          claimed.stream()
              .map(c ->
                  new ClaimStore.Claim(
                      c.deliveryId(), c.person().root(), c.address(), hash(campaign, c.address())))
              .toList(),
          token,
          instance,
          now);
    }
    if (!skips.isEmpty()) {
      store.skip(workspace, skips, now);
    }
    if (!moved.isEmpty()) {
      store.postpone(workspace, moved, now.plus(LOOK_AGAIN));
    }
    return new Batch(token, claimed, skips.size());
  }

  private byte @Nullable [] hash(Campaign campaign, @Nullable String address) {
    return address == null
        ? null
        : suppressions.hash(campaign.workspaceId(), campaign.message().channel(), address);
  }
}
