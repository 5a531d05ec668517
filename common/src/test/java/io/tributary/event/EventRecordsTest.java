package io.tributary.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventRecordsTest {
  private static final Instant AT = Instant.parse("2026-03-01T10:00:00.123456Z");
  private static final ProfileId A = ProfileId.create();
  private static final ProfileId B = ProfileId.create();

  @Test
  void anEventKeepsAllItsPartsThroughItsJsonForm() {
    CollectedEvent event = event();

    CollectedEvent read = CollectedEvent.decode(event.json().toBytes());

    assertThat(read).isEqualTo(event);
    assertThat(read.json().tree().at("/_metadata/nodeVersion").asString()).isEqualTo("20");
    assertThat(read.json().tree().at("/integrations/All").asBoolean()).isFalse();
  }

  @Test
  void aResolvedEventCarriesTheVeryBytesOfTheEvent() {
    var resolved = new IdentityRecord.ResolvedEvent(A, B, event());

    var read = (IdentityRecord.ResolvedEvent) IdentityRecord.decode(resolved.encode());

    assertThat(read).isEqualTo(resolved);
    assertThat(read.event().json().toString()).isEqualTo(event().json().toString());
  }

  @Test
  void everyRecordSurvivesItsJsonForm() {
    var merge = new IdentityRecord.ProfileLink("ws_1", A, B, B, 3, "mrg_1", "email \"x\"", AT);
    var split = new IdentityRecord.ProfileLink("ws_1", A, null, B, 4, "mrg_1", "by hand", AT);
    assertThat(IdentityRecord.decode(merge.encode())).isEqualTo(merge);
    assertThat(IdentityRecord.decode(split.encode())).isEqualTo(split);

    var applied = new ProfileChange.ProfileEvent(A, B, 17, List.of("country", "näme"), event());
    var relinked = new ProfileChange.ProfileRelinked("ws_1", A, B, A, 18, "mrg_1", "userId", AT);
    var erased = new ProfileChange.ProfileErased("ws_1", A, "prq_1", AT);
    assertThat(ProfileChange.decode(applied.encode())).isEqualTo(applied);
    assertThat(ProfileChange.decode(relinked.encode())).isEqualTo(relinked);
    assertThat(ProfileChange.decode(erased.encode())).isEqualTo(erased);

    var change =
        new SegmentChange(
            "0-1",
            "ws_1",
            "seg_1",
            2,
            A,
            SegmentChange.Crossing.ENTERED,
            AT,
            SegmentChange.Reason.EVENT,
            "m1");
    assertThat(SegmentChange.decode(change.encode())).isEqualTo(change);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "nonsense",
        "{",
        "{}",
        "{\"kind\":\"event\"}",
        "{\"kind\":\"event\",\"profileId\":\"prf_x\",\"canonicalId\":\"prf_x\",\"event\":{}}",
        "{\"kind\":\"event\",\"event\":[1]}",
        "{\"kind\":\"other\"}",
        "{\"kind\":7}"
      })
  void whatIsNoRecordIsRefusedByType(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> IdentityRecord.decode(bytes))
        .isInstanceOf(MalformedRecordException.class);
    assertThatThrownBy(() -> ProfileChange.decode(bytes))
        .isInstanceOf(MalformedRecordException.class);
    assertThatThrownBy(() -> CollectedEvent.decode(bytes))
        .isInstanceOf(MalformedRecordException.class);
  }

  @Test
  void profileIdsKeepTheOrderOfTheirCreationAndReadBack() {
    ProfileId first = ProfileId.create();
    ProfileId second = ProfileId.create();
    assertThat(first).isLessThan(second);
    assertThat(ProfileId.parse(first.toString())).isEqualTo(first);
    assertThat(ProfileId.tryParse("prf_00")).isEmpty();
    assertThat(ProfileId.tryParse("prf_ZZ000000000000000000000000000000")).isEmpty();
    assertThat(Ids.create("seg")).matches("seg_[0-9a-z]{26}").isLessThan(Ids.create("seg"));
  }

  private static CollectedEvent event() {
    return new EventDraft(
            "ws_1",
            "src_1",
            EventType.TRACK,
            "m\"1\u00e9",
            "u1",
            null,
            null,
            "g1",
            "Order Completed",
            null,
            AT,
            "2026-03-01T10:00:00.1+01:00",
            null,
            AT.plusSeconds(1),
            null,
            RawJson.of("{\"total\": 10.50, \"nested\":{\"a\":[1,2,{\"b\":\"}\"}]}}"),
            RawJson.of("{\"ip\":\"203.0.113.9\"}"),
            RawJson.of("{\"All\":false}"),
            Map.of("_metadata", RawJson.of("{\"nodeVersion\":\"20\"}")))
        .collect();
  }
}
