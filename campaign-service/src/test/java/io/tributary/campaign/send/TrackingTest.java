package io.tributary.campaign.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.Bench;
import io.tributary.campaign.track.Links;
import io.tributary.campaign.track.Links.Place;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrackingTest {
  private static final Place PLACE = new Place("ws_1", "dlv_1");
  private static Bench bench;
  private static Links links;

  @BeforeAll
  static void open() {
    bench = new Bench();
    links = bench.links;
  }

  @AfterAll
  static void close() throws Exception {
    bench.close();
  }

  private static String href(String html) {
    Matcher href =
        Pattern.compile("(?i)href\\s*=\\s*\"([^\"]*)\"")
            .matcher(new Tracking(links).track(html, PLACE));
    assertThat(href.find()).isTrue();
    return href.group(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<a href=\"https://x.example/?a=1&amp;b=%20\">",
        "<A class='c' HREF='https://x.example/?a=1&amp;b=%20'>",
        "<a\nhref = https://x.example/?a=1&amp;b=%20>"
      })
  void aLinkLeadsOverUsToItsTarget(String html) {
    String url = href(html);
    String token = url.substring(url.lastIndexOf('/') + 1);
    assertThat(links.clicked(token).orElseThrow().url()).isEqualTo("https://x.example/?a=1&b=%20");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<a href=\"javascript:alert(1)\">",
        "<a href=\" JaVaScRiPt:alert(1)\">",
        "<a href=\"data:text/html,x\">",
        "<a href='vbscript:x'>",
        "<a href=\"//evil.example\">"
      })
  void otherSchemesLeadNowhere(String html) {
    assertThat(href(html)).isEqualTo("#");
  }

  @Test
  void ourOwnAndHarmlessLinksStay() {
    String own = links.unsubscribe(PLACE);
    assertThat(href("<a href=\"" + own + "\">")).isEqualTo(own);
    assertThat(href("<a href=\"mailto:a@b.de\">")).isEqualTo("mailto:a@b.de");
  }

  @Test
  void thePictureStandsBeforeTheEndOfTheBody() {
    String html = new Tracking(links).track("<body>x</BODY></html>", PLACE);
    assertThat(html)
        .matches("(?s)<body>x<img src=\"https://t.example.com/e/o/.*\">.*</BODY></html>");
  }

  @Test
  void aTokenWithAnyByteChangedOrForAnotherPurposeIsRefused() {
    String url = links.click(new Links.Click(PLACE, 0, "https://x.example/"));
    String token = url.substring(url.lastIndexOf('/') + 1);
    assertThat(links.clicked(token)).isPresent();
    for (int i = 0; i < token.length() - 1; i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      assertThat(links.clicked(token.substring(0, i) + other + token.substring(i + 1))).isEmpty();
    }
    String unsubscribe = links.unsubscribe(PLACE);
    String other = unsubscribe.substring(unsubscribe.lastIndexOf('/') + 1);
    assertThat(links.unsubscribed(other)).contains(PLACE);
    assertThat(links.opened(other)).isEmpty();
    assertThat(links.clicked(other)).isEmpty();
  }
}
