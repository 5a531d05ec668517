package io.tributary.profile.merge;

import io.tributary.event.Json;
import io.tributary.event.JsonBytes;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.RawJson;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * The winning claim per trait (or consent category) of one home. Immutable; read from its stored
 * form only when somebody looks inside, because most events touch no trait.
 */
public final class Claims {
  /** Nothing claimed. */
  public static final Claims NONE = new Claims(new TreeMap<>(), null);

  /**
   * Not loaded, because nothing that is about to happen touches them. Looking inside fails, so that
   * they can't be taken for none.
   */
  public static final Claims UNREAD = new Claims(null, null);

  private @Nullable SortedMap<String, Claim> claims;
  private final @Nullable String stored;

  private Claims(@Nullable SortedMap<String, Claim> claims, @Nullable String stored) {
    this.claims = claims;
    this.stored = stored;
  }

  /** From the form that {@link #encode} wrote; null for {@link #UNREAD}. */
  public static Claims stored(@Nullable String json) {
    if (json == null) {
      return UNREAD;
    }
    return json.equals("{}") ? NONE : new Claims(null, json);
  }

  /** From claims by key. */
  public static Claims of(Map<String, Claim> claims) {
    return claims.isEmpty() ? NONE : new Claims(new TreeMap<>(claims), null);
  }

  /** The claims by key, sorted. */
  public SortedMap<String, Claim> asMap() {
    if (claims == null) {
      if (stored == null) {
        throw new IllegalStateException("claims that were not loaded are needed");
      }
      claims = parse(stored);
    }
    return Collections.unmodifiableSortedMap(claims);
  }

  /**
   * These and more, the later one of each key.
   *
   * @return this object when nothing changes
   */
  public Claims with(Map<String, Claim> more) {
    SortedMap<String, Claim> known = asMap();
    SortedMap<String, Claim> result = null;
    for (Map.Entry<String, Claim> entry : more.entrySet()) {
      Claim old = known.get(entry.getKey());
      if (old == null || !Claim.later(old, entry.getValue()).equals(old)) {
        result = result == null ? new TreeMap<>(known) : result;
        result.merge(entry.getKey(), entry.getValue(), Claim::later);
      }
    }
    return result == null ? this : new Claims(result, null);
  }

  /** The claims of several homes in one map; {@code choose} decides between two of a key. */
  static SortedMap<String, Claim> union(Iterable<Claims> parts, BinaryOperator<Claim> choose) {
    SortedMap<String, Claim> all = new TreeMap<>();
    for (Claims part : parts) {
      part.asMap().forEach((key, claim) -> all.merge(key, claim, choose));
    }
    return all;
  }

  /** The stored form: {@code {key: {v, t, s, m}}}, without {@code v} where removed. */
  public byte[] encode() {
    JsonBytes out = new JsonBytes(256);
    asMap()
        .forEach((key, claim) ->
            out.unknown(
                key,
                RawJson.slice(
                    new JsonBytes(96)
                        .raw("v", claim.value())
                        .number("t", claim.micros())
                        .text("s", claim.sourceId())
                        .text("m", claim.messageId())
                        .close())));
    return out.close();
  }

  private static SortedMap<String, Claim> parse(String json) {
    try (JsonParser parser = Json.FACTORY.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      SortedMap<String, Claim> claims = new TreeMap<>();
      String key;
      while ((key = parser.nextName()) != null) {
        parser.nextToken();
        claims.put(key, claim(parser));
      }
      return claims;
    } catch (JacksonException e) {
      throw new MalformedRecordException("stored claims can't be read", e);
    }
  }

  private static Claim claim(JsonParser parser) {
    RawJson value = null;
    long micros = 0;
    String source = "";
    String message = "";
    String field;
    while ((field = parser.nextName()) != null) {
      JsonToken token = parser.nextToken();
      switch (field) {
        case "v" -> value = CanonicalJson.read(parser);
        case "t" -> micros = parser.getLongValue();
        case "s" -> source = parser.getString();
        case "m" -> message = parser.getString();
        default ->
            throw new MalformedRecordException("stored claim has an unknown field at " + token);
      }
    }
    return new Claim(value, micros, source, message);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || (other instanceof Claims that && asMap().equals(that.asMap()));
  }

  @Override
  public int hashCode() {
    return asMap().hashCode();
  }

  @Override
  public String toString() {
    return claims == null && stored == null ? "not loaded" : asMap().toString();
  }
}
