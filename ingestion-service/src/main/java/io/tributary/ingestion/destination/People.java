package io.tributary.ingestion.destination;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads people from the views of the profile store. */
final class People {
  private final JdbcClient jdbc;

  People(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /**
   * A person as of now.
   *
   * @param root the canonical profile
   * @param parts all profiles that are part of the person
   */
  record Person(
      ProfileId root,
      List<String> parts,
      @Nullable String userId,
      JsonNode traits,
      JsonNode consent) {
    /** Only an outright yes is one. */
    boolean hasGranted(String category) {
      JsonNode granted = consent.path(category);
      return granted.isBoolean() && granted.booleanValue();
    }

    /** What destinations are shown. */
    ObjectNode json() {
      ObjectNode json = Json.MAPPER.createObjectNode().put("profileId", root.toString());
      if (userId != null) {
        json.put("userId", userId);
      }
      // Steps change what they are given.
      json.set("traits", traits.deepCopy());
      json.set("consent", consent.deepCopy());
      return json;
    }

    @Override
    public String toString() {
      return "Person[" + root + "]";
    }
  }

  /**
   * Those of these profiles that were suppressed or erased, or are part of one that was: nothing of
   * them goes anywhere.
   */
  Set<ProfileId> blocked(String workspaceId, Collection<ProfileId> profiles) {
    Set<ProfileId> blocked = new HashSet<>();
    if (!profiles.isEmpty()) {
      jdbc.sql(
              """
              select b.profile_id from profile.v_privacy_block b
              where b.workspace_id = :workspace and b.profile_id = any(:profiles)
              union
              select p.profile_id from profile.v_profile p
              join profile.v_privacy_block b
                on b.workspace_id = p.workspace_id and b.profile_id = p.canonical_id
              where p.workspace_id = :workspace and p.profile_id = any(:profiles)
              """)
          .param("workspace", workspaceId)
          .param("profiles", uuids(profiles))
          .query(row -> {
            blocked.add(new ProfileId(row.getObject(1, UUID.class)));
          });
    }
    return blocked;
  }

  /** The people that these profiles belong to, by the profile asked for. */
  Map<ProfileId, Person> people(String workspaceId, Collection<ProfileId> profiles) {
    Map<ProfileId, Person> people = new HashMap<>();
    if (!profiles.isEmpty()) {
      jdbc.sql(
              """
              select asked.profile_id, root.profile_id as root, root.traits::text as traits,
                     root.consent::text as consent,
                     array_append(coalesce(root.homes, '{}'), root.profile_id) as parts,
                     (select i.value from identity.v_identifier i
                      where i.workspace_id = root.workspace_id and i.type = 'userId'
                        and i.profile_id = any(array_append(coalesce(root.homes, '{}'), root.profile_id))
                      order by i.valid_from desc limit 1) as user_id
              from profile.v_profile asked
                       join profile.v_profile root
                            on root.workspace_id = asked.workspace_id and root.profile_id = asked.canonical_id
              where asked.workspace_id = :workspace and asked.profile_id = any(:profiles)
              """)
          .param("workspace", workspaceId)
          .param("profiles", uuids(profiles))
          .query(row -> {
            people.put(
                new ProfileId(row.getObject("profile_id", UUID.class)),
                new Person(
                    new ProfileId(row.getObject("root", UUID.class)),
                    Arrays.stream((UUID[]) row.getArray("parts").getArray())
                        .map(each -> new ProfileId(each).toString())
                        .distinct()
                        .sorted()
                        .toList(),
                    row.getString("user_id"),
                    tree(row.getString("traits")),
                    tree(row.getString("consent"))));
          });
    }
    return people;
  }

  private static UUID[] uuids(Collection<ProfileId> profiles) {
    return profiles.stream().map(ProfileId::uuid).distinct().toArray(UUID[]::new);
  }

  private static JsonNode tree(@Nullable String json) {
    return json == null ? Json.MAPPER.createObjectNode() : Json.EXACT.readTree(json);
  }
}
