package io.tributary.ingestion.destination;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What messages are as rows of the tables of a schema. */
final class TableRows {
  private static final String EVENTS =
      """
      insert into "SCHEMA".events
          (message_id, profile_id, home_id, event_id, type, event, user_id, anonymous_id, group_id,
           source_id, occurred_at, received_at, traits, properties, context)
      select m.id, coalesce(m.body #>> '{data,profileId}', m.home), m.home,
             coalesce(e ->> 'messageId', ''), coalesce(e ->> 'type', ''),
             coalesce(e ->> 'event', e ->> 'name'), e ->> 'userId', e ->> 'anonymousId', e ->> 'groupId',
             e ->> 'sourceId', coalesce(e ->> 'timestamp', m.body ->> 'timestamp')::timestamptz,
             (e ->> 'receivedAt')::timestamptz, e -> 'traits', e -> 'properties', e -> 'context'
      from unnest(?::text[], ?::jsonb[], ?::text[]) as m(id, body, home),
           lateral (select m.body #> '{data,event}' as e) as x
      on conflict (message_id) do nothing
      """;

  /** A person as of now, and the profiles that are part of it; those have nothing of their own. */
  private static final String STATES =
      """
      with m as (
          select m.body #>> '{data,profileId}' as root, m.body #> '{data,profile}' as p,
                 m.body #> '{data,profileIds}' as parts, (m.body ->> 'timestamp')::timestamptz as at, m.n
          from unnest(?::text[], ?::jsonb[], ?::text[]) with ordinality as m(id, body, home, n)),
      part as (
          select id, root, case when id = root then p else '{}' end as p, at, n
          from m, lateral (select root as id
                           union select jsonb_array_elements_text(parts)) as parts)
      insert into "SCHEMA".profiles (profile_id, canonical_id, user_id, traits, consent, changed_at)
      select distinct on (id) id, root, p ->> 'userId', coalesce(p -> 'traits', '{}'),
             coalesce(p -> 'consent', '{}'), at
      from part order by id, n desc
      on conflict (profile_id) do update
      set canonical_id = excluded.canonical_id, user_id = excluded.user_id, traits = excluded.traits,
          consent = excluded.consent, changed_at = excluded.changed_at
      """;

  /**
   * A change that is known changes nothing again. One that comes late undoes no later one: of one
   * person the numbers at the end of their ids go up. After a restore they begin lower again, but
   * later in time.
   */
  private static final String CROSSINGS =
      """
      with m as (
          select d ->> 'changeId' as change_id, substring(d ->> 'changeId' from '[0-9]{1,18}$')::bigint as change_no,
                 d ->> 'segmentId' as segment_id, (d ->> 'segmentVersion')::bigint as segment_version,
                 d ->> 'profileId' as profile_id, substr(m.body ->> 'type', 9) as change,
                 d ->> 'reason' as reason, d ->> 'messageId' as event_id,
                 (m.body ->> 'timestamp')::timestamptz as changed_at, m.n
          from unnest(?::text[], ?::jsonb[], ?::text[]) with ordinality as m(id, body, home, n),
               lateral (select m.body -> 'data' as d) as x),
      fresh as (
          insert into "SCHEMA".segment_changes
              (change_id, change_no, segment_id, segment_version, profile_id, change, reason, event_id,
               changed_at)
          select change_id, change_no, segment_id, segment_version, profile_id, change, reason, event_id,
                 changed_at
          from m order by n
          on conflict (change_id, profile_id, segment_id, change, changed_at) do nothing
          returning change_id, profile_id, segment_id, change, changed_at),
      last as (
          select distinct on (segment_id, profile_id) segment_id, profile_id, change, change_no, changed_at
          from m join fresh using (change_id, profile_id, segment_id, change, changed_at)
          order by segment_id, profile_id, n desc),
      counting as (
          select * from last l where not exists (
              select from "SCHEMA".segment_changes c
              where c.profile_id = l.profile_id and c.segment_id = l.segment_id
                and c.change_no > l.change_no and c.changed_at > l.changed_at)),
      gone as (
          delete from "SCHEMA".segment_members s using counting c
          where c.change = 'exited' and s.segment_id = c.segment_id and s.profile_id = c.profile_id)
      insert into "SCHEMA".segment_members (segment_id, profile_id, entered_at)
      select segment_id, profile_id, changed_at from counting where change = 'entered'
      on conflict (segment_id, profile_id) do update set entered_at = excluded.entered_at
      """;

  /** Each profile of a person is erased by itself; an event goes with the one that it came to. */
  private static final List<String> ERASURES =
      List.of(
          erasure("events", "home_id"),
          erasure("profiles", "profile_id"),
          erasure("segment_changes", "profile_id"),
          erasure("segment_members", "profile_id"));

  private static String erasure(String table, String column) {
    return "delete from \"SCHEMA\"."
        + table
        + " t using unnest(?::text[], ?::jsonb[], ?::text[]) as m(id, body, home) where t."
        + column
        + " = m.body #>> '{data,profileId}'";
  }

  private final String schema;

  TableRows(String schema) {
    this.schema = schema;
  }

  /** Erasures stand between what came before them and what comes after. */
  void write(Connection open, List<Message> messages) throws SQLException {
    int from = 0;
    while (from < messages.size()) {
      boolean erasures = isErasure(messages.get(from));
      int to = from + 1;
      while (to < messages.size() && isErasure(messages.get(to)) == erasures) {
        to++;
      }
      List<Message> some = messages.subList(from, to);
      if (erasures) {
        for (String each : ERASURES) {
          execute(open, each, some);
        }
      } else {
        execute(open, EVENTS, some(some, "event"));
        execute(open, STATES, some(some, Selection.STATE));
        execute(open, CROSSINGS, some(some, "segment."));
      }
      from = to;
    }
  }

  static boolean isErasure(Message message) {
    return message.type().equals(Selection.ERASED);
  }

  /** That a profile became part of a person, or left it, is in the states that follow. */
  private static List<Message> some(List<Message> messages, String type) {
    return messages.stream().filter(each -> each.type().startsWith(type)).toList();
  }

  private void execute(Connection open, String sql, List<Message> messages) throws SQLException {
    List<Array> columns = new ArrayList<>();
    try (PreparedStatement statement = open.prepareStatement(named(sql))) {
      columns.add(texts(open, messages, Message::id));
      columns.add(texts(open, messages, Message::text));
      columns.add(texts(open, messages, each -> each.home().toString()));
      for (int i = 0; i < columns.size(); i++) {
        statement.setArray(i + 1, columns.get(i));
      }
      statement.executeUpdate();
    } finally {
      for (Array each : columns) {
        each.free();
      }
    }
  }

  private static Array texts(
      Connection open, List<Message> messages, Function<Message, String> column)
      throws SQLException {
    return open.createArrayOf("text", messages.stream().map(column).toArray());
  }

  /** Does all that is done to write, with no row. */
  void writeNothing(Connection open) throws SQLException {
    for (String each : List.of(EVENTS, STATES, CROSSINGS)) {
      execute(open, each, List.of());
    }
    for (String each : ERASURES) {
      execute(open, each, List.of());
    }
  }

  /** A statement about the tables of this schema. */
  String named(String sql) {
    return sql.replace("SCHEMA", schema);
  }
}
