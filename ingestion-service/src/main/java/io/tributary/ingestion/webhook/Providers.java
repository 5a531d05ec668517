package io.tributary.ingestion.webhook;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** All providers that there are files of, by id. */
public final class Providers {
  private static final JsonMapper FILES =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final Map<String, Provider> byId = new TreeMap<>();

  /**
   * Reads the files.
   *
   * @param files their bytes by name
   * @throws IllegalArgumentException if one isn't right, with its name
   */
  public Providers(Map<String, byte[]> files) {
    files.forEach((name, bytes) -> {
      try {
        Provider provider = FILES.readValue(bytes, Provider.class);
        if (!name.equals(provider.provider() + ".json")) {
          throw new IllegalArgumentException("it describes " + provider.provider());
        }
        byId.put(provider.provider(), provider);
      } catch (JacksonException | IllegalArgumentException e) {
        throw new IllegalArgumentException("webhooks/" + name + ": " + e.getMessage(), e);
      }
    });
  }

  /** The provider with this id. */
  public Optional<Provider> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** All, by id. */
  public Collection<Provider> all() {
    return List.copyOf(byId.values());
  }
}
