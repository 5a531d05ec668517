package io.tributary.campaign.feed;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.campaign.CampaignProperties;
import io.tributary.campaign.send.AfterRestore;
import io.tributary.campaign.send.DispatchLoop;
import io.tributary.campaign.send.Ticker;
import io.tributary.campaign.store.EnrollmentStore;
import io.tributary.campaign.store.ErasureStore;
import io.tributary.campaign.store.OutboundStore;
import io.tributary.campaign.store.ProfileReader;
import io.tributary.campaign.store.RunStore;
import io.tributary.campaign.track.SigningKey;
import io.tributary.event.Topics;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.Quarantine;
import io.tributary.stream.StageLoop;
import io.tributary.stream.StageSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/** What comes in from topics and segments, and what goes back to the collector. */
@Configuration(proxyBeanMethods = false)
public class FeedConfiguration {
  /** The consumer of segment.changes. */
  public static final String SEGMENTS = "campaign";

  /** The consumer of profile.changes. */
  public static final String EVENTS = "campaign-events";

  private static final String SCHEMA = "campaign";
  private static final Duration REST = Duration.ofSeconds(1);
  private static final int PIECE = 1_000;

  @Bean
  StageLoop segmentLoop(
      CampaignProperties properties,
      KafkaClients clients,
      DataSource dataSource,
      DispatchLoop dispatchLoop,
      MeterRegistry metrics,
      Clock clock) {
    SegmentStage stage =
        new SegmentStage(
            new EnrollmentStore(),
            new Quarantine(SCHEMA),
            new ControlTotals(SCHEMA, SEGMENTS),
            clock,
            dispatchLoop::wake);
    return new StageLoop(
        settings(SEGMENTS, Topics.SEGMENT_CHANGES, properties),
        clients,
        dataSource,
        stage,
        metrics,
        clock);
  }

  @Bean
  StageLoop eventLoop(
      CampaignProperties properties,
      KafkaClients clients,
      DataSource dataSource,
      DispatchLoop dispatchLoop,
      SigningKey key,
      MeterRegistry metrics,
      Clock clock) {
    EventStage stage =
        new EventStage(
            new EnrollmentStore(),
            new ErasureStore(),
            key,
            new Quarantine(SCHEMA),
            new ControlTotals(SCHEMA, EVENTS),
            clock,
            dispatchLoop::wake);
    return new StageLoop(
        settings(EVENTS, Topics.PROFILE_CHANGES, properties),
        clients,
        dataSource,
        stage,
        metrics,
        clock);
  }

  private static StageSettings settings(
      String consumer, String topic, CampaignProperties properties) {
    return new StageSettings(
        consumer, SCHEMA, List.of(topic), properties.maxRecords(), properties.threads());
  }

  @Bean
  OnceEnroller onceEnroller(RunStore runs, TransactionTemplate transaction, Clock clock) {
    return new OnceEnroller(runs, transaction, PIECE, clock);
  }

  @Bean
  Ticker onceTicker(OnceEnroller enroller, AfterRestore afterRestore) {
    return new Ticker("campaign-once", REST, () -> afterRestore.isDone() && enroller.work());
  }

  @Bean
  EventPoster eventPoster(
      OutboundStore outbound,
      ProfileReader profiles,
      CampaignProperties properties,
      SslBundles bundles,
      Clock clock) {
    return new EventPoster(outbound, profiles, properties.collectorUrl(), bundles, clock);
  }

  @Bean
  Ticker posterTicker(EventPoster poster, AfterRestore afterRestore) {
    return new Ticker("campaign-poster", REST, () -> afterRestore.isDone() && poster.post());
  }
}
