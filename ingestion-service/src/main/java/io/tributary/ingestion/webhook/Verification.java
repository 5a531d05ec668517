package io.tributary.ingestion.webhook;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How a provider shows that a request is its own. Every comparison takes the same time wherever
 * texts differ; the time of a signature is looked at last, so that only who holds the key learns
 * that it was the time.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(Verification.Hmac.class),
  @JsonSubTypes.Type(Verification.Ecdsa.class),
  @JsonSubTypes.Type(Verification.InQuery.class)
})
public sealed interface Verification {
  /** Visible ASCII: what providers make keys of. */
  Pattern SECRET = Pattern.compile("[!-~]{16,200}");

  /** How signatures are written. */
  enum Encoding {
    HEX,
    BASE64;

    /** The bytes; none for what isn't written so. */
    byte[] decode(String text) {
      try {
        return text.length() > 400
            ? new byte[0]
            : switch (this) {
              case HEX -> HexFormat.of().parseHex(text);
              case BASE64 -> Base64.getDecoder().decode(text);
            };
      } catch (IllegalArgumentException e) {
        return new byte[0];
      }
    }
  }

  /** Hash functions below an HMAC (RFC 2104). */
  enum Hash {
    SHA1("HmacSHA1"),
    SHA256("HmacSHA256");

    private final String mac;

    Hash(String mac) {
      this.mac = mac;
    }
  }

  /** How a secret becomes a key. */
  enum KeyForm {
    /** Its characters. */
    TEXT,
    /** What it holds in base64 behind {@code whsec_}. */
    WHSEC
  }

  /**
   * A keyed hash of what {@code signed} says.
   *
   * @param signed the template of what is signed
   * @param key how the secret becomes a key; null for its characters
   * @param timestamp null where the scheme has none
   */
  @JsonTypeName("hmac")
  record Hmac(
      Hash hash,
      Content signed,
      @Nullable KeyForm key,
      Place signature,
      Encoding encoding,
      @Nullable Stamp timestamp)
      implements Verification {}

  /**
   * A signature on the curve P-256 with SHA-256 of what {@code signed} says, DER in base64.
   *
   * @param signed the template of what is signed
   */
  @JsonTypeName("ecdsa")
  record Ecdsa(Content signed, Place signature, Stamp timestamp) implements Verification {}

  /** No signature: the secret stands in the query of the address. */
  @JsonTypeName("query")
  record InQuery(String parameter) implements Verification {}

  /** Whether the request brings what is verified, as far as can be told without its body. */
  default boolean isSigned(Incoming request) {
    return switch (this) {
      case Hmac hmac -> isThere(hmac.signature(), request);
      case Ecdsa ecdsa -> isThere(ecdsa.signature(), request);
      case InQuery query -> request.parameter(query.parameter()) != null;
    };
  }

  private static boolean isThere(Place signature, Incoming request) {
    return !(signature.in() instanceof Where.Header header)
        || request.headers().get(header.name()) != null;
  }

  /**
   * Verifies a request.
   *
   * @param keys the keys of which one must fit
   * @throws Payload.IllegibleException if the signature lies in a body that can't be read
   */
  default Check check(Incoming request, Payload payload, List<String> keys, Instant now) {
    return switch (this) {
      case Hmac hmac -> {
        String stamp = hmac.timestamp() == null ? "" : hmac.timestamp().text(request, payload);
        List<String> signatures = hmac.signature().values(request, payload);
        boolean genuine = false;
        for (String key : keys) {
          byte[] expected = mac(hmac, key, request, payload, stamp);
          for (String signature : signatures) {
            genuine |= MessageDigest.isEqual(expected, hmac.encoding().decode(signature));
          }
        }
        yield verdict(genuine, signatures, hmac.timestamp(), stamp, now);
      }
      case Ecdsa ecdsa -> {
        String stamp = ecdsa.timestamp().text(request, payload);
        List<String> signatures = ecdsa.signature().values(request, payload);
        boolean genuine = false;
        for (String key : keys) {
          for (String signature : signatures) {
            genuine |= fits(ecdsa, key, signature, request, payload, stamp);
          }
        }
        yield verdict(genuine, signatures, ecdsa.timestamp(), stamp, now);
      }
      case InQuery query -> {
        String given = request.parameter(query.parameter());
        boolean genuine = false;
        for (String key : keys) {
          genuine |= given != null && MessageDigest.isEqual(bytes(key), bytes(given));
        }
        yield verdict(genuine, given == null ? List.of() : List.of(given), null, "", now);
      }
    };
  }

  private static Check verdict(
      boolean genuine, List<String> signatures, @Nullable Stamp stamp, String text, Instant now) {
    if (signatures.isEmpty()) {
      return Check.MISSING;
    }
    if (!genuine) {
      return Check.FORGED;
    }
    return stamp == null || stamp.isRecent(text, now) ? Check.GENUINE : Check.STALE;
  }

  private static byte[] mac(
      Hmac hmac, String key, Incoming request, Payload payload, String stamp) {
    try {
      Mac mac = Mac.getInstance(hmac.hash().mac);
      mac.init(new SecretKeySpec(key(hmac, key), hmac.hash().mac));
      hmac.signed().feed(request, payload, stamp, mac::update);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + hmac.hash().mac, e);
    }
  }

  private static byte[] key(Hmac hmac, String key) {
    return switch (hmac.key()) {
      case null -> bytes(key);
      case TEXT -> bytes(key);
      case WHSEC -> whsec(key);
    };
  }

  private static byte[] whsec(String key) {
    return Base64.getDecoder().decode(key.startsWith("whsec_") ? key.substring(6) : key);
  }

  private static boolean fits(
      Ecdsa ecdsa, String key, String signature, Incoming request, Payload payload, String stamp) {
    try {
      Signature verifier = Signature.getInstance("SHA256withECDSA");
      verifier.initVerify(publicKey(key));
      ecdsa
          .signed()
          .feed(
              request,
              payload,
              stamp,
              piece -> {
                try {
                  verifier.update(piece);
                } catch (SignatureException e) {
                  throw new IllegalStateException("the verifier was just begun", e);
                }
              });
      return verifier.verify(Encoding.BASE64.decode(signature));
    } catch (SignatureException e) {
      return false; // not even the form of one
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key was good when it was stored", e);
    }
  }

  /** A SubjectPublicKeyInfo (RFC 5280) in base64, with or without the lines of PEM. */
  private static PublicKey publicKey(String text) throws GeneralSecurityException {
    String base64 = text.replaceAll("-----[A-Z ]+-----|\\s", "");
    try {
      byte[] der = Base64.getDecoder().decode(base64);
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
      if (key instanceof ECPublicKey ec
          && ec.getParams().getCurve().getField().getFieldSize() == 256) {
        return key;
      }
      throw new InvalidKeyException("not on the curve P-256");
    } catch (IllegalArgumentException e) {
      throw new InvalidKeyException("not base64", e);
    }
  }

  /** What a key must be, where the given one isn't. */
  default Optional<String> fault(String key) {
    return switch (this) {
      case Hmac hmac when hmac.key() == KeyForm.WHSEC ->
          isWhsec(key)
              ? Optional.empty()
              : Optional.of("must be whsec_ and at least 24 bytes in base64");
      case Hmac _, InQuery _ ->
          SECRET.matcher(key).matches()
              ? Optional.empty()
              : Optional.of("must have 16 to 200 characters, no blanks");
      case Ecdsa _ -> {
        try {
          publicKey(key);
          yield Optional.empty();
        } catch (GeneralSecurityException e) {
          yield Optional.of(
              "must be a public key of the curve P-256: SubjectPublicKeyInfo in base64");
        }
      }
    };
  }

  private static boolean isWhsec(String key) {
    try {
      return key.length() <= 200 && whsec(key).length >= 24;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
