package io.tributary.ingestion.webhook;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.web.JsonBinding;
import io.tributary.web.Problem;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** All providers that there are files of, by id, and those that people describe themselves. */
public final class Providers {
  /** Characters of a definition that people write. */
  private static final int MAX_DEFINITION = 32_000;

  static final JsonMapper FILES =
      JsonBinding.strict(JsonMapper.builder())
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** Many more than one collector serves at the same time. */
  private static final int KNOWN = 1_000;

  private final Map<String, Provider> byId = new TreeMap<>();
  private final Map<String, JsonNode> written = new TreeMap<>();
  private final Cache<String, Provider> own = Caffeine.newBuilder().maximumSize(KNOWN).build();

  /**
   * Reads the files.
   *
   * @param files their bytes by name
   * @throws IllegalArgumentException if one isn't right, with its name
   */
  public Providers(Map<String, byte[]> files) {
    files.forEach((name, bytes) -> {
      try {
        JsonNode file = FILES.readTree(bytes);
        Provider provider = FILES.treeToValue(file, Provider.class);
        if (!name.equals(provider.provider() + ".json")) {
          throw new IllegalArgumentException("it describes " + provider.provider());
        }
        byId.put(provider.provider(), provider);
        written.put(provider.provider(), file);
      } catch (JacksonException | IllegalArgumentException e) {
        throw new IllegalArgumentException("webhooks/" + name + ": " + e.getMessage(), e);
      }
    });
  }

  /**
   * Reads what people wrote of a provider of their own.
   *
   * @throws Problem with all that is wrong with it
   */
  public static Provider read(JsonNode definition) {
    if (definition.toString().length() > MAX_DEFINITION) {
      throw Problem.invalid(
          "$", "too_long", "may have " + MAX_DEFINITION + " characters, without blanks");
    }
    Provider provider = JsonBinding.bind(FILES, definition.deepCopy(), Provider.class);
    List<Problem.Fault> faults = new DefinitionCheck().faults(provider);
    if (!faults.isEmpty()) {
      throw Problem.invalid(faults);
    }
    return provider;
  }

  /**
   * The provider that a stored definition describes.
   *
   * @throws Problem if a newer version of this program stored it, which knows more
   */
  public Provider own(String definition) {
    return own.get(definition, text -> read(FILES.readTree(text)));
  }

  /** What the file of a provider says. */
  public Optional<JsonNode> definition(String id) {
    return Optional.ofNullable(written.get(id)).map(JsonNode::deepCopy);
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
