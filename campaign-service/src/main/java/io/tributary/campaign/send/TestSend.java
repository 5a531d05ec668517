package io.tributary.campaign.send;

import io.tributary.campaign.admin.CampaignAdmin;
import io.tributary.campaign.admin.CampaignAdmin.Stored;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.store.ProfileReader;
import io.tributary.campaign.store.ProfileReader.Person;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.track.Links;
import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Sends one message of a campaign to an address that somebody gives, to see how it looks. Not a
 * delivery: it's in no result, tells of no opening, and its unsubscribe link unsubscribes nobody.
 */
public final class TestSend {
  private final CampaignAdmin admin;
  private final ProfileReader profiles;
  private final SuppressionStore suppressions;
  private final Courier courier;
  private final AfterRestore afterRestore;
  private final Clock clock;

  /** Test sends by this courier. */
  public TestSend(
      CampaignAdmin admin,
      ProfileReader profiles,
      SuppressionStore suppressions,
      Courier courier,
      AfterRestore afterRestore,
      Clock clock) {
    this.admin = admin;
    this.profiles = profiles;
    this.suppressions = suppressions;
    this.courier = courier;
    this.afterRestore = afterRestore;
    this.clock = clock;
  }

  /** Whose data the message is made of. */
  public sealed interface Data {
    /** A profile's. */
    record Of(ProfileId profileId) implements Data {}

    /** Made up. */
    record Sample(@Nullable JsonNode traits) implements Data {}
  }

  /** Sends it and says what became of it. */
  public Courier.Sent send(
      String workspaceId,
      String campaignId,
      @Nullable String address,
      Data data,
      @Nullable JsonNode event) {
    Stored campaign = admin.read(workspaceId, campaignId);
    admin.requireMailServer(campaign.definition());
    if (!afterRestore.isDone()) {
      throw Problem.of(
              503,
              "restoring",
              "After a restore nothing is sent until the log has been read again. Try again in a minute.")
          .retryAfter(Duration.ofSeconds(30));
    }
    if (address != null) {
      requireNotSuppressed(workspaceId, address);
    }
    Renderer.Material material =
        new Renderer.Material(
            new Links.Place(workspaceId, Ids.create("test")),
            campaignId,
            campaign.definition().name(),
            profileId(data),
            traits(workspaceId, data),
            event == null ? Json.MAPPER.createObjectNode() : event,
            clock.instant(),
            false);
    return courier.send(
        campaign.definition().message(),
        admin.secret(workspaceId, campaignId).orElse(null),
        address,
        material);
  }

  private void requireNotSuppressed(String workspaceId, String address) {
    byte[] hash = suppressions.hash(workspaceId, Channel.EMAIL, address);
    if (!suppressions.suppressed(workspaceId, Channel.EMAIL, List.of(hash)).isEmpty()) {
      throw Problem.conflict(
          "address_suppressed",
          "This address gets nothing more: it unsubscribed, bounced, or was suppressed.");
    }
  }

  private static String profileId(Data data) {
    return switch (data) {
      case Data.Of(ProfileId id) -> id.toString();
      case Data.Sample _ -> "prf_00000000000000000000000000000000";
    };
  }

  private JsonNode traits(String workspaceId, Data data) {
    return switch (data) {
      case Data.Sample(JsonNode traits) -> traits == null ? Json.MAPPER.createObjectNode() : traits;
      case Data.Of(ProfileId id) ->
          Optional.ofNullable(profiles.people(workspaceId, List.of(id.uuid())).get(id.uuid()))
              .map(Person::traits)
              .orElseThrow(() -> Problem.notFound("There is no profile " + id + "."));
    };
  }
}
