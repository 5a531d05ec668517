package io.tributary.ingestion.transform;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A transformation as people write it.
 *
 * @param steps done in their order, 50 at most
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TransformationDocument(@Nullable List<@Nullable TransformationStep> steps) {

  /** No steps. */
  public static final TransformationDocument NONE = new TransformationDocument(List.of());

  /**
   * One step. Which of its fields are needed depends on {@code op}.
   *
   * @param op set, remove, move, rename, cast, translate, compute, standardize, mask, hash, refuse
   *     or enrich
   * @param path where, as a JSON Pointer such as /properties/products/0/price; * stands for every
   *     item of a list
   * @param from of move: where it is now
   * @param to of cast: number, string or boolean; of rename: the new name
   * @param value of set
   * @param values of translate: what takes the place of each known text
   * @param otherwise of translate: what takes the place of all others
   * @param expression of compute, in CEL: event is the event, value what is there now
   * @param as of standardize: email, phone, country, currency, name, date or text
   * @param region of phone: of numbers without a country's code, such as DE
   * @param formats of date: how else it may be written, such as dd.MM.yyyy
   * @param timeZone of date: of times without one; UTC where nothing is said
   * @param with of enrich: campaign, referrer, client, location or anonymizeIp
   * @param types the calls it's for; all where nothing is said
   * @param events the tracked events it's for; all where nothing is said
   * @param when an expression in CEL that must hold
   * @param onProblem what becomes of what it can't be done to: keep, remove or refuse (the event)
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TransformationStep(
      @Nullable String op,
      @Nullable String path,
      @Nullable String from,
      @Nullable String to,
      @Nullable JsonNode value,
      @Nullable Map<String, JsonNode> values,
      @Nullable JsonNode otherwise,
      @Nullable String expression,
      @Nullable String as,
      @Nullable String region,
      @Nullable List<@Nullable String> formats,
      @Nullable String timeZone,
      @Nullable String with,
      @Nullable List<@Nullable String> types,
      @Nullable List<@Nullable String> events,
      @Nullable String when,
      @Nullable String onProblem) {}
}
