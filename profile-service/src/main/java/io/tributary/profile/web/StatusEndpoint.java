package io.tributary.profile.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.Topics;
import io.tributary.profile.store.PipelineStore;
import io.tributary.stream.PositionToken;
import io.tributary.stream.Progress;
import io.tributary.stream.StageLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the pipeline is doing, in plain words and in numbers. */
@RestController
@RequestMapping("/api/v1/status")
@RequiresScope(Scopes.STATUS_READ)
public class StatusEndpoint {
  private static final long FAR_BEHIND = 10_000;

  private final Progress whole;
  private final Progress toProfile;
  private final PipelineStore pipeline;
  private final StageLoop loop;

  /**
   * Looks along the way of an event.
   *
   * @param whole all stages
   * @param toProfile the stages up to this one
   */
  public StatusEndpoint(
      Progress whole, Progress toProfile, PipelineStore pipeline, StageLoop loop) {
    this.whole = whole;
    this.toProfile = toProfile;
    this.pipeline = pipeline;
    this.loop = loop;
  }

  /**
   * The state of the pipeline.
   *
   * @param healthy false when something needs a person
   * @param summary the same in a sentence
   * @param stages how many records each stage has yet to read
   * @param totals of the whole installation since its beginning; absent while Kafka doesn't answer
   * @param quarantine of this workspace, by stage
   */
  public record PipelineStatus(
      boolean healthy,
      String summary,
      List<StageLag> stages,
      @Nullable Totals totals,
      Map<String, Long> quarantine,
      List<Trouble> problems) {}

  /** How far behind a stage is. */
  public record StageLag(String stage, long lag) {}

  /**
   * What became of everything that was accepted: {@code accepted} is the sum of the others.
   *
   * @param erased came after their person was erased, and left no trace
   * @param inFlight on their way between the collector and the profile store
   */
  public record Totals(
      long accepted, long applied, long duplicate, long quarantined, long erased, long inFlight) {
    /**
     * Sums up. A record that was put back at stage profile was accepted once but met that stage
     * twice; one that was put back before was accepted a second time.
     */
    static Totals of(long accepted, Map<String, Long> identity, Map<String, Long> profile) {
      long applied = count(profile, "applied");
      long duplicate = count(identity, "duplicate") + count(profile, "duplicate");
      long quarantined =
          count(identity, "quarantined")
              + count(profile, "quarantined")
              - count(profile, "replayed");
      long erased = count(profile, "erased");
      return new Totals(
          accepted,
          applied,
          duplicate,
          quarantined,
          erased,
          accepted - applied - duplicate - quarantined - erased);
    }

    private static long count(Map<String, Long> outcomes, String outcome) {
      return outcomes.getOrDefault(outcome, 0L);
    }

    /** Whether nothing came from nowhere and, where all stages are through, nothing is missing. */
    boolean balances(boolean settled) {
      return inFlight >= 0 && !(settled && inFlight > 0);
    }
  }

  /** Something that isn't as it should be. */
  public record Trouble(String code, String message, String whatToDo, boolean urgent) {}

  /** The state of the pipeline. */
  @GetMapping
  PipelineStatus get(Caller caller) {
    List<Trouble> troubles = new ArrayList<>();
    List<StageLag> stages = new ArrayList<>();
    Totals totals = null;
    try {
      totals = totals(troubles);
      whole.lag().forEach((stage, lag) -> stages.add(new StageLag(stage, lag)));
      unread(stages, whole.deserted(), troubles);
    } catch (KafkaException e) {
      troubles.add(
          new Trouble(
              "kafka_unavailable",
              "Kafka does not answer, so no event is accepted or moves on.",
              "Check that Kafka runs and is reachable at TRIBUTARY_KAFKA_BOOTSTRAP.",
              true));
    }
    stages.stream()
        .filter(stage -> stage.lag() > FAR_BEHIND)
        .map(StatusEndpoint::behind)
        .forEach(troubles::add);
    stopped(troubles);
    Map<String, Long> quarantine = pipeline.quarantined(caller.workspaceId());
    refused(quarantine).ifPresent(troubles::add);
    if (pipeline.isDefaultPartitionUsed()) {
      troubles.add(
          new Trouble(
              "unprepared_partition",
              "Events lie in the partition event_default: their month had not been prepared.",
              "Check the server's clock, then see the chapter on partitions in docs/operating.md.",
              true));
    }
    boolean healthy = troubles.stream().noneMatch(Trouble::urgent);
    return new PipelineStatus(
        healthy, summary(troubles, totals), stages, totals, quarantine, troubles);
  }

  /** Counts first and asks for the end afterwards: so what comes in between is in flight. */
  private Totals totals(List<Trouble> troubles) {
    PositionToken before = toProfile.now();
    boolean settled = toProfile.passed(before);
    Map<String, Long> identity = pipeline.outcomes("identity", Topics.INGESTION_EVENTS);
    Map<String, Long> profile = pipeline.outcomes("profile", Topics.IDENTITY_EVENTS);
    PositionToken end = toProfile.now();
    long accepted = end.offsets().values().stream().mapToLong(Long::longValue).sum();
    Totals totals = Totals.of(accepted, identity, profile);
    if (!totals.balances(settled && before.equals(end))) {
      troubles.add(
          new Trouble(
              "totals_do_not_balance",
              "Accepted events and what became of them differ by " + totals.inFlight() + ".",
              "Run tributary doctor and report it with the logs: no event may get lost or count twice.",
              true));
    }
    return totals;
  }

  /** A stage that nobody runs is a trouble as soon as something waits for it. */
  private static void unread(List<StageLag> stages, Set<String> deserted, List<Trouble> troubles) {
    for (StageLag stage : stages) {
      if (stage.lag() > 0 && deserted.contains(stage.stage())) {
        troubles.add(
            new Trouble(
                "stage_not_running",
                stage.lag()
                    + " records wait for stage "
                    + stage.stage()
                    + ", and nobody reads them.",
                "Start the service of that stage, or look in its log for why it doesn't join; the"
                    + " records wait in Kafka.",
                true));
      }
    }
  }

  private static Trouble behind(StageLag stage) {
    return new Trouble(
        "stage_behind",
        "Stage " + stage.stage() + " is " + stage.lag() + " records behind.",
        "Wait if a burst or an import runs; else look at the log of " + stage.stage() + "-service.",
        false);
  }

  private void stopped(List<Trouble> troubles) {
    loop.stoppedPartitions()
        .forEach((partition, reason) ->
            troubles.add(
                new Trouble(
                    "partition_stopped",
                    "Stage profile has stopped " + partition + ": " + reason,
                    "Follow the runbook in docs/operating.md; nothing is lost while it waits.",
                    true)));
  }

  private static Optional<Trouble> refused(Map<String, Long> quarantine) {
    long entries = quarantine.values().stream().mapToLong(Long::longValue).sum();
    return entries == 0
        ? Optional.empty()
        : Optional.of(
            new Trouble(
                "quarantine_not_empty",
                entries + " events could not be processed and wait in quarantine.",
                "Read the reasons at /api/v1/quarantine, fix the source, then replay or discard them.",
                false));
  }

  private static String summary(List<Trouble> troubles, @Nullable Totals totals) {
    List<Trouble> urgent = troubles.stream().filter(Trouble::urgent).toList();
    if (!urgent.isEmpty()) {
      String more =
          urgent.size() == 1 ? "" : " And " + (urgent.size() - 1) + " more; see problems.";
      return "Something needs attention. " + urgent.getFirst().message() + more;
    }
    return totals == null || totals.inFlight() == 0
        ? "All is well; every accepted event has been processed."
        : "All is well; " + totals.inFlight() + " events are on their way.";
  }
}
