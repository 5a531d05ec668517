package io.tributary.segment.web;

import io.tributary.segment.admin.SegmentAdmin;
import io.tributary.segment.store.SegmentReader;
import io.tributary.segment.store.Stores;
import io.tributary.segment.store.Transactions;
import io.tributary.web.Visibility;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The endpoints. */
@Configuration(proxyBeanMethods = false)
public class SegmentWebConfiguration {
  @Bean
  SegmentViews segmentViews(Transactions transactions, Clock clock) {
    return new SegmentViews(transactions, new SegmentReader(), clock);
  }

  @Bean
  SegmentEndpoint segmentEndpoint(SegmentAdmin admin, SegmentViews views, Visibility visibility) {
    return new SegmentEndpoint(admin, views, visibility);
  }

  @Bean
  MemberEndpoint memberEndpoint(SegmentViews views, Visibility visibility) {
    return new MemberEndpoint(views, visibility);
  }

  @Bean
  ExportEndpoint exportEndpoint(SegmentViews views, Stores stores) {
    return new ExportEndpoint(views, stores.profiles());
  }

  @Bean
  CheckEndpoint checkEndpoint(SegmentAdmin admin, SegmentViews views, Clock clock) {
    return new CheckEndpoint(admin, views, clock);
  }

  @Bean
  ProfileSegmentEndpoint profileSegmentEndpoint(
      SegmentViews views, Stores stores, Visibility visibility, Clock clock) {
    return new ProfileSegmentEndpoint(views, stores, visibility, clock);
  }
}
