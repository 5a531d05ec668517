package io.tributary.conditions;

import java.math.BigDecimal;
import java.util.List;

/**
 * Says a {@link ValueTest} in SQL, over {@code j.v} (the value as jsonb) and {@code j.t} (the same
 * as text), never null and never raising on any value: each cast stands behind a check that admits
 * exactly what {@link Values} admits.
 */
final class ValueSql {

  private static final String DECIMAL = "'^-{0,1}(0|[1-9][0-9]{0,29})([.][0-9]{1,30}){0,1}$'";
  private static final String DAY = "'^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$'";
  private static final String TIME =
      "'^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9}){0,1}){0,1}"
          + "(Z|[+-](0[0-9]|1[0-4]):{0,1}[0-5][0-9])$'";

  /** The value as a number, else null. */
  private static final String NUMBER =
      "case jsonb_typeof(j.v) when 'number' then j.t::numeric"
          + " when 'string' then case when j.t ~ "
          + DECIMAL
          + " then j.t::numeric end end";

  /** The value as a date in epoch microseconds, else null. */
  private static final String MICROS =
      "case jsonb_typeof(j.v)"
          + " when 'number' then case when scale(j.t::numeric) > 100 then null"
          + " when abs(j.t::numeric) < 100000000000 then floor(j.t::numeric * 1000000)::bigint"
          + " when abs(j.t::numeric) < 250000000000000 then floor(j.t::numeric * 1000)::bigint end"
          + " when 'string' then case"
          + " when j.t ~ "
          + DAY
          + " then case when pg_input_is_valid(j.t, 'date')"
          + " then (extract(epoch from (j.t || 'T00:00:00Z')::timestamptz) * 1000000)::bigint end"
          + " when j.t ~ "
          + TIME
          + " then case when pg_input_is_valid(j.t, 'timestamptz')"
          + " then (extract(epoch from regexp_replace(j.t, '([.][0-9]{6})[0-9]+', '\\1')::timestamptz) * 1000000)::bigint end"
          + " end end";

  private ValueSql() {}

  /**
   * Writes the test of the value at a path below a jsonb expression.
   *
   * @param source the jsonb expression: text of this package, never of a user
   */
  static void write(SqlWriter sql, String source, String[] path, ValueTest test) {
    sql.text("(select ");
    switch (test) {
      case ValueTest.Equals(Literal value, boolean negated) ->
          negatable(sql, negated, () -> equal(sql, "j", List.of(value)));
      case ValueTest.In(List<Literal> values, boolean negated) ->
          negatable(sql, negated, () -> equal(sql, "j", values));
      case ValueTest.Contains(Literal value, boolean negated) ->
          negatable(sql, negated, () -> contains(sql, value));
      case ValueTest.Exists(boolean negated) ->
          negatable(sql, negated, () -> sql.text("coalesce(j.t <> '', false)"));
      case ValueTest.Compared(ValueTest.Comparison comparison, BigDecimal number) ->
          sql.text("coalesce(" + NUMBER + " " + comparison.sql() + " ")
              .bind(number)
              .text("::numeric, false)");
      case ValueTest.Dated dated ->
          sql.text("coalesce(" + MICROS + (dated.before() ? " < " : " > "))
              .bind(Values.micros(dated.moment()))
              .text("::bigint, false)");
      case ValueTest.Within within -> negatable(sql, within.negated(), () -> within(sql, within));
    }
    sql.text(" from (select i.v, i.v #>> '{}' as t from (select " + source + " #> ")
        .bind(path)
        .text("::text[] as v) i) j)");
  }

  private static void negatable(SqlWriter sql, boolean negated, Runnable test) {
    if (negated) {
      sql.text("not ");
    }
    test.run();
  }

  private static void equal(SqlWriter sql, String alias, List<Literal> values) {
    List<Operand> operands = values.stream().map(Operand::of).toList();
    String[] texts = operands.stream().map(Operand::text).toArray(String[]::new);
    String[] numbers =
        operands.stream()
            .filter(operand -> operand.number() != null)
            .map(Operand::text)
            .toArray(String[]::new);
    String t = alias + ".t";
    sql.text("coalesce(case jsonb_typeof(" + alias + ".v) when 'string' then " + t + " = any(")
        .bind(texts)
        .text("::text[])");
    if (numbers.length > 0) {
      sql.text(" or case when " + t + " ~ " + DECIMAL + " then " + t + "::numeric = any(")
          .bind(numbers)
          .text("::numeric[]) else false end when 'number' then " + t + "::numeric = any(")
          .bind(numbers)
          .text("::numeric[])");
    }
    sql.text(" when 'boolean' then " + t + " = any(")
        .bind(texts)
        .text("::text[]) else false end, false)");
  }

  private static void contains(SqlWriter sql, Literal value) {
    sql.text(
            "coalesce(case jsonb_typeof(j.v) when 'string' then"
                + " strpos(lower(j.t collate \"pg_c_utf8\"), ")
        .bind(Values.lowerCase(value.text()))
        .text(
            "::text) > 0 when 'array' then exists (select from (select a.v, a.v #>> '{}' as t"
                + " from jsonb_array_elements(j.v) a(v)) k where ");
    equal(sql, "k", List.of(value));
    sql.text(") else false end, false)");
  }

  private static void within(SqlWriter sql, ValueTest.Within within) {
    sql.text("coalesce(" + MICROS + " between ")
        .bind(sql.now() - Windows.micros(within.window()) + 1)
        .text("::bigint and ")
        .bind(sql.now())
        .text("::bigint, false)");
  }
}
