package io.tributary.campaign.store;

import io.tributary.campaign.journey.Eligibility.Block;
import io.tributary.event.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Reads people from the views of the profile store. */
public final class ProfileReader {
  private final JdbcClient jdbc;

  /** A reader on this database. */
  public ProfileReader(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A person as readers see them.
   *
   * @param root the canonical profile
   * @param homes all profiles that belong to the person
   * @param granted the consent categories granted
   */
  public record Person(UUID root, Set<UUID> homes, JsonNode traits, Set<String> granted) {
    /** Copies the sets. */
    public Person {
      homes = Set.copyOf(homes);
      granted = Set.copyOf(granted);
    }

    /** The mail address, if there is one. */
    public @Nullable String email() {
      JsonNode email = traits.get("email");
      return email != null && email.isString() && !email.stringValue().isBlank()
          ? email.stringValue().strip()
          : null;
    }

    @Override
    public String toString() {
      return "Person[" + root + "]";
    }
  }

  /** The people that these profiles belong to, by the profile asked for. */
  public Map<UUID, Person> people(String workspaceId, Collection<UUID> profiles) {
    Map<UUID, Person> people = new HashMap<>();
    jdbc.sql(
            """
            select asked.profile_id, root.profile_id as root, root.traits::text as traits,
                   root.consent::text as consent, root.homes
            from profile.v_profile asked
                     join profile.v_profile root
                          on root.workspace_id = asked.workspace_id and root.profile_id = asked.canonical_id
            where asked.workspace_id = :workspace and asked.profile_id = any(:profiles)
            """)
        .param("workspace", workspaceId)
        .param("profiles", SqlArrays.uuid(profiles))
        .query((row, n) -> people.put(row.getObject("profile_id", UUID.class), person(row)))
        .list();
    return people;
  }

  /** Which of these profiles belong to which root at this moment. */
  public Map<UUID, UUID> roots(String workspaceId, Collection<UUID> profiles) {
    Map<UUID, UUID> roots = new HashMap<>();
    jdbc.sql(
            """
            select profile_id, canonical_id from profile.v_profile
            where workspace_id = :workspace and profile_id = any(:profiles)
            """)
        .param("workspace", workspaceId)
        .param("profiles", SqlArrays.uuid(profiles))
        .query((row, n) -> roots.put(row.getObject(1, UUID.class), row.getObject(2, UUID.class)))
        .list();
    return roots;
  }

  /** The privacy blocks on these profiles; of several on one, erasure counts. */
  public Map<UUID, Block> blocks(String workspaceId, Collection<UUID> profiles) {
    Map<UUID, Block> blocks = new HashMap<>();
    jdbc.sql(
            """
            select profile_id, kind from profile.v_privacy_block
            where workspace_id = :workspace and profile_id = any(:profiles)
            """)
        .param("workspace", workspaceId)
        .param("profiles", SqlArrays.uuid(profiles))
        .query((row, n) ->
            blocks.merge(
                row.getObject(1, UUID.class),
                Block.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                (a, b) -> a == Block.ERASED ? a : b))
        .list();
    return blocks;
  }

  private static Person person(ResultSet row) throws SQLException {
    UUID root = row.getObject("root", UUID.class);
    Set<UUID> homes = new HashSet<>(Set.of(root));
    if (row.getArray("homes") != null) {
      homes.addAll(List.of((UUID[]) row.getArray("homes").getArray()));
    }
    return new Person(
        root, homes, tree(row.getString("traits")), granted(tree(row.getString("consent"))));
  }

  private static JsonNode tree(@Nullable String json) {
    return json == null ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(json);
  }

  /** Only an outright yes is one: what is missing or in doubt isn't granted. */
  private static Set<String> granted(JsonNode consent) {
    Set<String> granted = new HashSet<>();
    consent
        .properties()
        .forEach(entry -> {
          if (entry.getValue().isBoolean() && entry.getValue().booleanValue()) {
            granted.add(entry.getKey());
          }
        });
    return granted;
  }
}
