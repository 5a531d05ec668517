package io.tributary.campaign.web;

import io.tributary.campaign.send.Engagements;
import io.tributary.campaign.track.Links;
import io.tributary.stream.Ledger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The public links in messages. Nobody logs in here; each link proves itself by its signature. What
 * a program that scans mails for links may do — GET — never unsubscribes.
 */
@RestController
@RequestMapping("/e")
public class EngagementEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(EngagementEndpoint.class);
  private static final byte[] PICTURE =
      Base64.getDecoder().decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");
  private final Links links;
  private final Engagements engagements;

  /** The endpoint. */
  public EngagementEndpoint(Links links, Engagements engagements) {
    this.links = links;
    this.engagements = engagements;
  }

  /** Asks whether to unsubscribe; changes nothing, since programs that scan mails follow links. */
  @GetMapping("/u/{token}")
  ResponseEntity<byte[]> unsubscribePage(@PathVariable String token) {
    return links
        .unsubscribed(token)
        .map(place ->
            page(
                HttpStatus.OK,
                "Unsubscribe",
                "<p>Do you want to get no more mails from this sender?</p>"
                    + "<form method=\"post\"><button type=\"submit\">Unsubscribe</button></form>"))
        .orElseGet(EngagementEndpoint::invalid);
  }

  /** RFC 8058: whoever posts here is unsubscribed when it's answered. */
  @PostMapping("/u/{token}")
  ResponseEntity<byte[]> unsubscribe(@PathVariable String token) {
    return links
        .unsubscribed(token)
        .map(place -> {
          boolean known;
          try {
            known = engagements.unsubscribe(place);
          } catch (Ledger.NotLogged e) {
            return page(
                HttpStatus.SERVICE_UNAVAILABLE,
                "Please try again",
                "<p>This couldn't be written down just now. Please try again in a minute.</p>");
          }
          return page(
              HttpStatus.OK,
              "Unsubscribed",
              known
                  ? "<p>You are unsubscribed and will get no more mails from this sender.</p>"
                  : "<p>This was a test message; there is nothing to unsubscribe from.</p>");
        })
        .orElseGet(EngagementEndpoint::invalid);
  }

  /** The picture that tells of an opened mail. It comes whatever the token is worth. */
  @GetMapping("/o/{token}")
  ResponseEntity<byte[]> open(@PathVariable String token) {
    links.opened(token).ifPresent(place -> quietly(() -> engagements.opened(place)));
    return ResponseEntity.ok()
        .contentType(MediaType.IMAGE_GIF)
        .cacheControl(CacheControl.noStore())
        .header("X-Content-Type-Options", "nosniff")
        .body(PICTURE);
  }

  /** Counts the click and leads on to where the link was meant to go. */
  @GetMapping("/c/{token}")
  ResponseEntity<byte[]> click(@PathVariable String token) {
    return links
        .clicked(token)
        .map(click -> {
          quietly(() -> engagements.clicked(click));
          return ResponseEntity.status(HttpStatus.FOUND)
              .cacheControl(CacheControl.noStore())
              .header("Location", location(click.url()))
              .header("Referrer-Policy", "no-referrer")
              .body(new byte[0]);
        })
        .orElseGet(EngagementEndpoint::invalid);
  }

  /** The reader gets on to the page even when the database is away; only the count misses one. */
  private static void quietly(Runnable note) {
    try {
      note.run();
    } catch (org.springframework.dao.DataAccessException
        | org.springframework.transaction.TransactionException e) {
      LOG.warn("engagement outcome=not_noted cause={}", e.getClass().getSimpleName());
    }
  }

  private static String location(String url) {
    try {
      return URI.create(url).toASCIIString();
    } catch (IllegalArgumentException e) {
      // Written by hand with blanks and the like; browsers understand it, headers want ASCII.
      return org.springframework.web.util.UriUtils.encodePath(url, StandardCharsets.UTF_8)
          .replace("%3F", "?")
          .replace("%23", "#")
          .replace("%25", "%");
    }
  }

  private static ResponseEntity<byte[]> invalid() {
    return page(
        HttpStatus.NOT_FOUND,
        "Unknown link",
        "<p>This link isn't complete. Please open it from the message again.</p>");
  }

  private static ResponseEntity<byte[]> page(HttpStatus status, String title, String body) {
    String html =
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <meta name="robots" content="noindex"><title>%1$s</title>
        <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}
        button{font:inherit;padding:.6rem 1.4rem}</style></head>
        <body><h1>%1$s</h1>%2$s</body></html>
        """
            .formatted(title, body);
    return ResponseEntity.status(status)
        .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
        .cacheControl(CacheControl.noStore())
        .header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .body(html.getBytes(StandardCharsets.UTF_8));
  }
}
