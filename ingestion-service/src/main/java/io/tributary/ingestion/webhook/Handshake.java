package io.tributary.ingestion.webhook;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a provider asks by GET or HEAD before it sends anything. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(Handshake.Ping.class),
  @JsonSubTypes.Type(Handshake.Challenge.class)
})
public sealed interface Handshake {

  /** Only whether somebody is there. */
  @JsonTypeName("ping")
  record Ping() implements Handshake {}

  /**
   * Shows a token that was agreed on, and wants to see its challenge again.
   *
   * @param token the parameter of the query with the token
   * @param challenge the parameter of the query that is said again
   */
  @JsonTypeName("challenge")
  record Challenge(String token, String challenge) implements Handshake {
    /** Nothing that a browser could take for a page. */
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9_.-]{1,200}");

    /** What to say again; empty for a wrong token. */
    public Optional<String> answer(Incoming request, @Nullable String agreed) {
      String shown = request.parameter(token);
      String said = request.parameter(challenge);
      boolean known =
          agreed != null
              && shown != null
              && MessageDigest.isEqual(
                  agreed.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
      return known && said != null && HARMLESS.matcher(said).matches()
          ? Optional.of(said)
          : Optional.empty();
    }
  }
}
