package io.tributary.campaign.send;

import io.tributary.campaign.track.Links;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the picture that tells of opening into a rendered mail, and leads its links over us. Works
 * on the finished HTML: whatever a value may have smuggled into a link is seen here.
 */
final class Tracking {
  private static final Pattern LINK =
      Pattern.compile(
          "(<a\\b[^>]*?\\shref\\s*=\\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern HARMLESS =
      Pattern.compile("(?:mailto|tel|sms):.*|#.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final int LONGEST_URL = 4_000;
  private final Links links;

  Tracking(Links links) {
    this.links = links;
  }

  String track(String html, Links.Place place) {
    StringBuilder out = new StringBuilder(html.length() + 512);
    Matcher link = LINK.matcher(html);
    int index = 0;
    while (link.find()) {
      String raw =
          link.group(2) != null
              ? link.group(2)
              : link.group(3) != null ? link.group(3) : link.group(4);
      String target = target(unescaped(raw).strip(), place, index++);
      link.appendReplacement(
          out, Matcher.quoteReplacement(link.group(1) + "\"" + escaped(target) + "\""));
    }
    link.appendTail(out);
    return withPicture(out, links.open(place));
  }

  private String target(String url, Links.Place place, int index) {
    String lower = url.toLowerCase(Locale.ROOT);
    if (lower.startsWith("http://") || lower.startsWith("https://")) {
      boolean untracked =
          links.isOwn(url) || url.length() > LONGEST_URL || url.chars().anyMatch(c -> c < 0x20);
      return untracked
          ? url.replaceAll("\\p{Cntrl}", "")
          : links.click(new Links.Click(place, index, url));
    }
    // Not javascript:, data: or the like, whoever wrote them.
    return HARMLESS.matcher(url).matches() ? url : "#";
  }

  private static String withPicture(StringBuilder html, String url) {
    String picture =
        "<img src=\"" + escaped(url) + "\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\">";
    int end = html.toString().toLowerCase(Locale.ROOT).lastIndexOf("</body>");
    return html.insert(end < 0 ? html.length() : end, picture).toString();
  }

  private static String unescaped(String attribute) {
    return attribute
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#96;", "`")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }

  private static String escaped(String url) {
    return url.replace("&", "&amp;")
        .replace("\"", "&quot;")
        .replace("<", "&lt;")
        .replace(">", "&gt;");
  }
}
