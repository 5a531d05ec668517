package io.tributary.conditions;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Says a condition in SQL for Postgres over the published views {@code profile.v_profile}, {@code
 * profile.v_event} and {@code segment.v_membership}; the answer equals {@link
 * CompiledCondition#evaluate}. Whatever a user wrote is a bind value.
 */
public final class ConditionSql {

  private final SqlWriter sql;

  private ConditionSql(SqlWriter sql) {
    this.sql = sql;
  }

  /**
   * Selects the {@code profile_id} of each root profile of the workspace that matches as of now.
   */
  public static Sql compile(Condition condition, String workspaceId, Instant now) {
    return start(workspaceId, now).matching(condition);
  }

  /** Selects those of the given root profiles that match as of now. */
  public static Sql compileAmong(
      Condition condition, String workspaceId, Collection<UUID> profileIds, Instant now) {
    ConditionSql statement = start(workspaceId, now);
    statement
        .sql
        .text("p.profile_id = any(")
        .bind(profileIds.stream().map(UUID::toString).toArray(String[]::new))
        .text("::uuid[]) and ");
    return statement.matching(condition);
  }

  private static ConditionSql start(String workspaceId, Instant now) {
    SqlWriter sql = new SqlWriter(workspaceId, Values.micros(now));
    sql.text("select p.profile_id from profile.v_profile p where p.workspace_id = ")
        .bind(workspaceId)
        .text(" and p.is_root and ");
    return new ConditionSql(sql);
  }

  private Sql matching(Condition condition) {
    write(condition);
    return sql.sql();
  }

  private void write(Condition condition) {
    switch (condition) {
      case And and -> joined(and.conditions(), " and ");
      case Or or -> joined(or.conditions(), " or ");
      case Not not -> {
        sql.text("not (");
        write(not.condition());
        sql.text(")");
      }
      case TraitCondition(String trait, ValueTest test) ->
          ValueSql.write(sql, "p.traits", Path.of(trait).parts(), test);
      case EventCondition event -> event(event);
      case SegmentCondition segment -> segment(segment);
    }
  }

  private void joined(List<Condition> conditions, String word) {
    sql.text("(");
    for (int i = 0; i < conditions.size(); i++) {
      if (i > 0) {
        sql.text(word);
      }
      write(conditions.get(i));
    }
    sql.text(")");
  }

  private void segment(SegmentCondition condition) {
    sql.text(condition.member() ? "" : "not ")
        .text("exists (select from segment.v_membership m where m.workspace_id = ")
        .bind(sql.workspaceId())
        .text(" and m.segment_id = ")
        .bind(condition.segmentId())
        .text(" and m.profile_id = p.profile_id)");
  }

  /**
   * A comparison that zero satisfies is written as the opposite of one that it doesn't, which
   * exists() and a bounded count can say.
   */
  private void event(EventCondition condition) {
    EventCount count = condition.count();
    int value = count.value();
    sql.text("(");
    switch (count.operator()) {
      case AT_LEAST -> atLeast(condition, value);
      case MORE_THAN -> atLeast(condition, value + 1);
      case AT_MOST -> below(condition, value + 1);
      case FEWER_THAN -> below(condition, value);
      case EXACTLY -> {
        if (value > 0) {
          atLeast(condition, value);
          sql.text(" and ");
        }
        below(condition, value + 1);
      }
    }
    if (count.acceptsZero() && !count.includeNever()) {
      sql.text(" and ");
      exists(new EventCondition(condition.pattern(), EventCount.PERFORMED, null));
    }
    sql.text(")");
  }

  private void below(EventCondition condition, int number) {
    sql.text("not ");
    atLeast(condition, number);
  }

  private void atLeast(EventCondition condition, int number) {
    if (number == 1) {
      exists(condition);
      return;
    }
    sql.text("((select count(*) from (select");
    occurrences(condition);
    sql.text(" limit ").bind(number).text(") o) >= ").bind(number).text(")");
  }

  private void exists(EventCondition condition) {
    sql.text("exists (select");
    occurrences(condition);
    sql.text(")");
  }

  private void occurrences(EventCondition condition) {
    EventPattern pattern = condition.pattern();
    sql.text(" from profile.v_event e where e.workspace_id = ")
        .bind(sql.workspaceId())
        .text(" and e.profile_id = any(p.homes) and e.type = ")
        .bind(pattern.type().wireName());
    if (pattern.name() != null) {
      sql.text(" and e.name = ").bind(pattern.name());
    }
    sql.text(" and e.at <= ").bind(moment(sql.now()));
    Duration within = condition.within();
    if (within != null) {
      sql.text(" and e.at > ").bind(moment(sql.now() - Windows.micros(within)));
    }
    String filtered = "(e.payload -> '" + pattern.type().filtered() + "')";
    for (PropertyFilter filter : pattern.where()) {
      sql.text(" and ");
      ValueSql.write(sql, filtered, Path.of(filter.property()).parts(), filter.test());
    }
  }

  private static OffsetDateTime moment(long micros) {
    return Values.instant(micros).atOffset(ZoneOffset.UTC);
  }
}
