package io.tributary.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class IdentityPropertiesTest {
  private static IdentityProperties bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("tributary.identity", IdentityProperties.class);
  }

  @Test
  void everythingHasADefault() {
    IdentityProperties properties = bind(Map.of());
    assertThat(properties.kafka().bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(properties.kafka().partitions()).isEqualTo(8);
    assertThat(properties.messagesKept()).isEqualTo(Duration.ofDays(30));
    assertThat(properties.privacyPoll()).isEqualTo(Duration.ofSeconds(1));
    assertThat(properties.defaultPhoneRegion()).isNull();
  }

  @Test
  void settingsAreTakenOver() {
    IdentityProperties properties =
        bind(
            Map.of(
                "tributary.identity.threads", "3",
                "tributary.identity.default-phone-region", "DE",
                "tributary.identity.messages-kept", "45d",
                "tributary.identity.kafka.instance", "7"));
    assertThat(properties.threads()).isEqualTo(3);
    assertThat(properties.defaultPhoneRegion()).isEqualTo("DE");
    assertThat(properties.messagesKept()).isEqualTo(Duration.ofDays(45));
    assertThat(properties.kafka().instance()).isEqualTo("7");
  }

  @Test
  void aShorterMemoryForMessagesIsRefusedWithTheReason() {
    assertThatThrownBy(() -> bind(Map.of("tributary.identity.messages-kept", "29d")))
        .rootCause()
        .hasMessageContaining("at least 30 days");
  }
}
