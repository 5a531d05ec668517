package io.tributary.ingestion.webhook;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A provider of webhooks, as its file describes it.
 *
 * @param provider its id, in lower case
 * @param title its name for people
 * @param needs what a source has to be told, and where it's found at the provider, by name: {@code
 *     secret} or {@code publicKey}, and {@code verifyToken}
 * @param handshake null where it asks nothing first
 */
public record Provider(
    String provider,
    String title,
    Map<String, String> needs,
    Verification verification,
    @Nullable Handshake handshake,
    Mapping mapping) {
  /** Needs nothing where nothing is said. */
  public Provider {
    needs = needs == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(needs));
  }

  /** The name of what is needed for {@link Handshake.Challenge}. */
  public static final String VERIFY_TOKEN = "verifyToken";

  /** The name of the key that verifies: {@code secret} or {@code publicKey}. */
  public String keyName() {
    return switch (verification) {
      case Verification.Hmac _, Verification.InQuery _ -> "secret";
      case Verification.Ecdsa _ -> "publicKey";
    };
  }

  /** Which calls its types become, by type; the order of the file. */
  public Map<String, String> becomes() {
    Map<String, String> becomes = new LinkedHashMap<>();
    mapping.events().forEach((type, rule) -> becomes.put(type, rule.becomes()));
    return becomes;
  }

  /**
   * Whether the request is genuine.
   *
   * @throws UnreadableException if the signature lies in a body that can't be read
   */
  public Check check(Incoming request, WebhookKeys keys, java.time.Instant now)
      throws UnreadableException {
    try {
      return verification.check(request, mapping.body(), keys.keys(), now);
    } catch (Payload.IllegibleException e) {
      throw new UnreadableException(e);
    }
  }

  /**
   * The bodies of {@code /v1/batch} that a request stands for, made one after another. The stream
   * ends with {@link OversizeException} if one has more bytes than a body may have.
   *
   * @throws UnreadableException if the body isn't what the provider sends
   */
  public Stream<byte[]> batches(Incoming request, String sourceId) throws UnreadableException {
    try {
      return mapping.batches(provider, sourceId, request);
    } catch (Payload.IllegibleException e) {
      throw new UnreadableException(e);
    }
  }

  /** What a key must be, where the given one isn't. */
  public Optional<String> fault(String key) {
    return verification.fault(key);
  }

  /** A body that isn't what the provider sends. */
  public static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** What becomes of a body has more bytes than a body may have. */
  public static final class OversizeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OversizeException() {
      super("what becomes of the body is too large");
    }
  }
}
