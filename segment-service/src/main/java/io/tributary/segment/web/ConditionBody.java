package io.tributary.segment.web;

import io.tributary.conditions.Condition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.EventCondition;
import io.tributary.conditions.EventCount;
import io.tributary.conditions.EventPattern;
import io.tributary.conditions.Parsed;
import io.tributary.web.Faults;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the condition of a request with all that is wrong with it. */
final class ConditionBody {
  /** Stands in for a condition that couldn't be read; never used, since the faults are thrown. */
  private static final Condition UNREADABLE =
      new EventCondition(EventPattern.track("-"), EventCount.PERFORMED, null);

  private ConditionBody() {}

  static Condition read(@Nullable JsonNode json, Faults faults) {
    if (json == null || json.isNull()) {
      faults.add("condition", "required", "is missing");
      return UNREADABLE;
    }
    return switch (ConditionParser.parse(json)) {
      case Parsed.Valid(var condition) -> condition;
      case Parsed.Invalid(var problems) -> {
        problems.forEach(problem ->
            faults.add("condition" + path(problem.path()), problem.code(), problem.message()));
        yield UNREADABLE;
      }
    };
  }

  /** {@code /conditions/0/value} becomes {@code .conditions[0].value}. */
  static String path(String pointer) {
    StringBuilder path = new StringBuilder();
    List<String> parts = List.of(pointer.split("/"));
    for (String part : parts.subList(Math.min(1, parts.size()), parts.size())) {
      String name = part.replace("~1", "/").replace("~0", "~");
      if (!name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        path.append('[').append(name).append(']');
      } else {
        path.append('.').append(name);
      }
    }
    return path.toString();
  }
}
