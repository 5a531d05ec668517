package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;

/** Messages that are undelivered: those that wait, and those that have failed. */
final class LetterStore {
  private static final String LETTER =
      """
      letter_id, profile_id, home_id, message_id, type, body, attempts, problem, made_at, due_at,
      tried_at, state
      """;

  private final JdbcClient jdbc;

  LetterStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A message that is told anew takes the place of itself. */
  int replaced(Destination claimed, List<Letter> letters) {
    return letters.isEmpty()
        ? 0
        : jdbc.sql(
                """
                delete from ingestion.undelivered
                where destination_id = :id and message_id = any(:messages)
                """)
            .param("id", claimed.id())
            .param("messages", letters.stream().map(l -> l.message().id()).toArray(String[]::new))
            .update();
  }

  /**
   * Adds letters.
   *
   * @return how many; fewer where ids are equal
   */
  int insert(Destination claimed, List<Letter> letters) {
    if (letters.isEmpty()) {
      return 0;
    }
    return jdbc.sql(
            """
            insert into ingestion.undelivered
                (destination_id, workspace_id, message_id, profile_id, home_id, type, body, state,
                 attempts, problem, made_at, due_at, tried_at)
            select :id, :workspace, message_id, profile_id, home_id, type, body, state, attempts,
                   problem, made_at, due_at, tried_at
            from unnest(:messages::text[], :profiles::uuid[], :homes::uuid[], :types::text[], :bodies,
                        :states::text[], :attempts::int[], :problems::text[], :made::timestamptz[],
                        :due::timestamptz[], :tried::timestamptz[])
                with ordinality as l(message_id, profile_id, home_id, type, body, state, attempts,
                                     problem, made_at, due_at, tried_at, n)
            order by n
            on conflict (destination_id, message_id) do nothing
            """)
        .param("id", claimed.id())
        .param("workspace", claimed.workspaceId())
        .param("messages", letters.stream().map(l -> l.message().id()).toArray(String[]::new))
        .param(
            "profiles",
            letters.stream().map(l -> l.message().profile().uuid()).toArray(UUID[]::new))
        .param("homes", letters.stream().map(l -> l.message().home().uuid()).toArray(UUID[]::new))
        .param("types", letters.stream().map(l -> l.message().type()).toArray(String[]::new))
        .param(
            "bodies",
            new SqlArrayValue(
                "bytea",
                (Object[]) letters.stream().map(l -> l.message().body()).toArray(byte[][]::new)))
        .param("states", letters.stream().map(LetterStore::state).toArray(String[]::new))
        .param("attempts", letters.stream().map(Letter::attempts).toArray(Integer[]::new))
        .param("problems", letters.stream().map(Letter::problem).toArray(String[]::new))
        .param("made", times(letters.stream().map(Letter::madeAt).toList()))
        .param("due", times(letters.stream().map(Letter::dueAt).toList()))
        .param("tried", times(letters.stream().map(Letter::triedAt).toList()))
        .update();
  }

  private static String state(Letter letter) {
    return letter.waiting() ? "waiting" : "failed";
  }

  private static String[] times(List<@Nullable Instant> times) {
    return times.stream().map(at -> at == null ? null : at.toString()).toArray(String[]::new);
  }

  /** Takes letters away; answers how many there were still. */
  int remove(List<Letter> letters) {
    return letters.isEmpty()
        ? 0
        : jdbc.sql("delete from ingestion.undelivered where letter_id = any(:ids)")
            .param("ids", letters.stream().map(Letter::id).toArray(Long[]::new))
            .update();
  }

  /** Notes attempts in vain. */
  void change(List<Letter> letters) {
    if (!letters.isEmpty()) {
      jdbc.sql(
              """
              update ingestion.undelivered u
              set state = l.state, attempts = l.attempts, problem = l.problem, due_at = l.due_at,
                  tried_at = l.tried_at
              from unnest(:ids::bigint[], :states::text[], :attempts::int[], :problems::text[],
                          :due::timestamptz[], :tried::timestamptz[])
                  as l(letter_id, state, attempts, problem, due_at, tried_at)
              where u.letter_id = l.letter_id
              """)
          .param("ids", letters.stream().map(Letter::id).toArray(Long[]::new))
          .param("states", letters.stream().map(LetterStore::state).toArray(String[]::new))
          .param("attempts", letters.stream().map(Letter::attempts).toArray(Integer[]::new))
          .param("problems", letters.stream().map(Letter::problem).toArray(String[]::new))
          .param("due", times(letters.stream().map(Letter::dueAt).toList()))
          .param("tried", times(letters.stream().map(Letter::triedAt).toList()))
          .update();
    }
  }

  /** Takes away what is undelivered about people who were erased meanwhile. */
  int forget() {
    return jdbc.sql(
            """
            with gone as (
                delete from ingestion.undelivered u
                where u.type <> :erased and exists (
                    select from profile.v_privacy_block b
                    where b.workspace_id = u.workspace_id and b.kind = 'erased'
                      and b.profile_id in (u.profile_id, u.home_id))
                returning destination_id)
            """
                + CountStore.COUNT_GONE)
        .param("erased", Selection.ERASED)
        .param("size", Times.SIZE)
        .update();
  }

  /** Of these profiles, those about whom messages wait. */
  Set<ProfileId> waiting(String id, Collection<ProfileId> profiles) {
    return jdbc
        .sql(
            """
            select distinct profile_id from ingestion.undelivered
            where destination_id = :id and state = 'waiting' and profile_id = any(:profiles)
            """)
        .param("id", id)
        .param("profiles", profiles.stream().map(ProfileId::uuid).toArray(UUID[]::new))
        .query((row, n) -> new ProfileId(row.getObject(1, UUID.class)))
        .list()
        .stream()
        .collect(Collectors.toSet());
  }

  /** Letters whose time has come, of each profile the first and those behind it. */
  List<Letter> due(String id, Instant now, int limit) {
    return jdbc.sql(
            """
            with heads as (
                select distinct on (profile_id) profile_id, due_at from ingestion.undelivered
                where destination_id = :id and state = 'waiting' order by profile_id, letter_id)
            select
            """
                + LETTER
                + """
                from ingestion.undelivered
                where destination_id = :id and state = 'waiting'
                  and profile_id in (select profile_id from heads where due_at <= :now)
                order by letter_id limit :limit
                """)
        .param("id", id)
        .param("now", DestinationStore.utc(now))
        .param("limit", limit)
        .query(LetterStore::letter)
        .list();
  }

  /** Of some people, by chance, the first letter that waits, due or not. */
  List<Letter> probes(String id, int people) {
    return jdbc.sql(
            "select "
                + LETTER
                + """
                 from ingestion.undelivered where letter_id in (
                    select letter_id
                    from (select distinct on (profile_id) letter_id from ingestion.undelivered
                          where destination_id = :id and state = 'waiting'
                          order by profile_id, letter_id) as heads
                    order by random() limit :people)
                """)
        .param("id", id)
        .param("people", people)
        .query(LetterStore::letter)
        .list();
  }

  /** Makes due now what has failed once at most: it waits since the receiver was down. */
  void hasten(String id, Instant now) {
    jdbc.sql(
            """
            update ingestion.undelivered set due_at = :now
            where destination_id = :id and state = 'waiting' and attempts <= 1 and due_at > :now
            """)
        .param("id", id)
        .param("now", DestinationStore.utc(now))
        .update();
  }

  /** A page of what is undelivered, the oldest first. */
  List<Letter> undelivered(String id, boolean waiting, long after, int limit) {
    return jdbc.sql(
            "select "
                + LETTER
                + """
                 from ingestion.undelivered
                where destination_id = :id and state = :state and letter_id > :after
                order by letter_id limit :limit
                """)
        .param("id", id)
        .param("state", waiting ? "waiting" : "failed")
        .param("after", after)
        .param("limit", limit)
        .query(LetterStore::letter)
        .list();
  }

  /** Has a held destination try failed messages again; all of them where none are named. */
  int retry(String id, @Nullable List<String> messages, Instant now) {
    // A receiver that was down is tried at once.
    jdbc.sql("update ingestion.destination set turn = turn + 1 where destination_id = :id")
        .param("id", id)
        .update();
    return jdbc.sql(
            """
            update ingestion.undelivered
            set state = 'waiting', attempts = 0, due_at = :now, made_at = :now
            where destination_id = :id and (state = 'failed' or due_at > :now)
              and (:messages::text[] is null or message_id = any(:messages))
            """)
        .param("id", id)
        .param("now", DestinationStore.utc(now))
        .param("messages", messages == null ? null : messages.toArray(String[]::new), Types.ARRAY)
        .update();
  }

  /** Forgets messages of a held destination: those that are named, or all that have failed. */
  int discard(String id, @Nullable List<String> messages) {
    return jdbc.sql(
            """
            delete from ingestion.undelivered
            where destination_id = :id
              and case when :messages::text[] is null then state = 'failed'
                       else message_id = any(:messages) end
            """)
        .param("id", id)
        .param("messages", messages == null ? null : messages.toArray(String[]::new), Types.ARRAY)
        .update();
  }

  private static Letter letter(ResultSet row, int number) throws SQLException {
    return new Letter(
        row.getLong("letter_id"),
        new Message(
            row.getString("message_id"),
            new ProfileId(row.getObject("profile_id", UUID.class)),
            new ProfileId(row.getObject("home_id", UUID.class)),
            row.getString("type"),
            row.getBytes("body")),
        row.getInt("attempts"),
        row.getString("problem"),
        row.getObject("made_at", OffsetDateTime.class).toInstant(),
        row.getObject("due_at", OffsetDateTime.class).toInstant(),
        DestinationStore.instant(row, "tried_at"),
        "waiting".equals(row.getString("state")));
  }
}
