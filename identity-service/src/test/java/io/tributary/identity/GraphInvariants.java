package io.tributary.identity;

import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;

/** What holds of every graph, whatever happened: each query finds what breaks it. */
public final class GraphInvariants {
  private static final Map<String, String> VIOLATIONS = new LinkedHashMap<>();

  static {
    VIOLATIONS.put(
        "identifiers of no node",
        """
        select type from identity.identifier i
        where not exists (select from identity.node n where (n.workspace_id, n.profile_id) = (i.workspace_id, i.profile_id))
        """);
    VIOLATIONS.put(
        "messages of no node",
        """
        select profile_id from identity.message m
        where not exists (select from identity.node n where (n.workspace_id, n.profile_id) = (m.workspace_id, m.profile_id))
        """);
    VIOLATIONS.put(
        "links to no node of the workspace",
        """
        select profile_id from identity.node c
        where merged_into is not null and not exists
            (select from identity.node n where (n.workspace_id, n.profile_id) = (c.workspace_id, c.merged_into))
        """);
    VIOLATIONS.put(
        "links in a circle",
        """
        with recursive walk as (
            select workspace_id, profile_id as start, merged_into as at, 1 as steps from identity.node
            where merged_into is not null
            union all
            select w.workspace_id, w.start, n.merged_into, steps + 1 from walk w
            join identity.node n on (n.workspace_id, n.profile_id) = (w.workspace_id, w.at)
            where n.merged_into is not null and steps < 2000)
        select start from walk where start = at or steps >= 2000
        """);
    VIOLATIONS.put(
        "a root that is not the end of the links",
        """
        with recursive walk as (
            select workspace_id, profile_id, profile_id as root from identity.node where merged_into is null
            union all
            select n.workspace_id, n.profile_id, w.root from walk w
            join identity.node n on n.workspace_id = w.workspace_id and n.merged_into = w.profile_id)
        select n.profile_id from identity.node n left join walk w using (workspace_id, profile_id)
        where w.root is distinct from n.canonical_id
        """);
    VIOLATIONS.put(
        "a wrong number of homes",
        """
        select canonical_id from identity.node group by workspace_id, canonical_id
        having count(*) <> sum(homes) or max(homes) filter (where merged_into is not null) > 0
        """);
    VIOLATIONS.put(
        "more or other userIds than the root says",
        """
        select r.profile_id from identity.node r
        left join identity.node n on (n.workspace_id, n.canonical_id) = (r.workspace_id, r.profile_id)
        left join identity.identifier i
            on (i.workspace_id, i.profile_id, i.type) = (n.workspace_id, n.profile_id, 'userId')
        where r.merged_into is null
        group by r.workspace_id, r.profile_id, r.user_id
        having count(i.value) > 1 or max(i.value) is distinct from r.user_id
        """);
    VIOLATIONS.put(
        "an identifier without an owner from the beginning on",
        """
        select type from identity.identifier
        group by workspace_id, type, value having min(valid_from) <> '-infinity'
        """);
    VIOLATIONS.put(
        "links without the one merge in force that made them",
        """
        select n.profile_id from identity.node n
        left join identity.merge m on (m.workspace_id, m.absorbed_id) = (n.workspace_id, n.profile_id) and m.split_at is null
        where m.survivor_id is distinct from n.merged_into
            or (m.version is not null and m.version <> n.link_version)
        """);
    VIOLATIONS.put(
        "people split by hand in one component",
        """
        select v.low from identity.veto v
        join identity.node a on (a.workspace_id, a.profile_id) = (v.workspace_id, v.low)
        join identity.node b on (b.workspace_id, b.profile_id) = (v.workspace_id, v.high)
        where a.canonical_id = b.canonical_id
        """);
  }

  private GraphInvariants() {}

  /** Fails with everything that's broken. */
  public static void check(Identities identities) {
    SoftAssertions softly = new SoftAssertions();
    VIOLATIONS.forEach((name, query) ->
        softly
            .assertThat(identities.sql().sql(query).query((row, _) -> row.getString(1)).list())
            .as(name)
            .isEmpty());
    softly.assertAll();
  }
}
