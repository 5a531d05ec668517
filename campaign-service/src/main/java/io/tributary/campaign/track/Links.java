package io.tributary.campaign.track;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The links in messages. Each carries a signed token, so that nobody can make one: not for another
 * delivery, and not for another target.
 */
public final class Links {
  private static final int MAC = 16;
  private static final int LONGEST = 8_000;
  private final String publicUrl;
  private final SigningKey key;

  /** Links below the public URL. */
  public Links(String publicUrl, SigningKey key) {
    this.publicUrl =
        publicUrl.endsWith("/") ? publicUrl.substring(0, publicUrl.length() - 1) : publicUrl;
    this.key = key;
  }

  /** Which delivery a link belongs to. */
  public record Place(String workspaceId, String deliveryId) {}

  /** What a click link says. */
  public record Click(Place place, int index, String url) {}

  /** The page that unsubscribes, and the target of the one-click POST. */
  public String unsubscribe(Place place) {
    return publicUrl + "/e/u/" + token("u", place.workspaceId(), place.deliveryId());
  }

  /** The picture that tells that a mail was opened. */
  public String open(Place place) {
    return publicUrl + "/e/o/" + token("o", place.workspaceId(), place.deliveryId());
  }

  /** A link that tells that it was followed and leads on. */
  public String click(Click click) {
    return publicUrl
        + "/e/c/"
        + token(
            "c",
            click.place().workspaceId(),
            click.place().deliveryId(),
            Integer.toString(click.index()),
            click.url());
  }

  /** Whether the URL is one of ours already. */
  public boolean isOwn(String url) {
    return url.startsWith(publicUrl + "/e/");
  }

  /** Reads the token of an unsubscribe link. */
  public Optional<Place> unsubscribed(String token) {
    return read("u", token, 2).map(parts -> new Place(parts.get(0), parts.get(1)));
  }

  /** Reads the token of an open link. */
  public Optional<Place> opened(String token) {
    return read("o", token, 2).map(parts -> new Place(parts.get(0), parts.get(1)));
  }

  /** Reads the token of a click link. */
  public Optional<Click> clicked(String token) {
    return read("c", token, 4)
        .map(parts ->
            new Click(
                new Place(parts.get(0), parts.get(1)),
                Integer.parseInt(parts.get(2)),
                parts.get(3)));
  }

  private String token(String purpose, String... parts) {
    String text = String.join("\n", parts);
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    byte[] mac = Arrays.copyOf(key.mac("link-" + purpose, text), MAC);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(ByteBuffer.allocate(MAC + body.length).put(mac).put(body).array());
  }

  private Optional<List<String>> read(String purpose, String token, int parts) {
    byte[] bytes;
    try {
      bytes = token.length() > LONGEST ? new byte[0] : Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length <= MAC) {
      return Optional.empty();
    }
    String text = new String(bytes, MAC, bytes.length - MAC, StandardCharsets.UTF_8);
    byte[] expected = Arrays.copyOf(key.mac("link-" + purpose, text), MAC);
    if (!MessageDigest.isEqual(expected, Arrays.copyOf(bytes, MAC))) {
      return Optional.empty();
    }
    List<String> found = List.of(text.split("\n", -1));
    return found.size() == parts ? Optional.of(found) : Optional.empty();
  }
}
