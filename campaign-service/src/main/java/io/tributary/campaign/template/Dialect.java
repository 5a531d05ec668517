package io.tributary.campaign.template;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import liqp.TemplateContext;
import liqp.TemplateParser;
import liqp.blocks.Block;
import liqp.filters.Filter;
import liqp.filters.Filters;
import liqp.nodes.LNode;
import liqp.parser.Flavor;
import org.jspecify.annotations.Nullable;

/**
 * The part of Liquid that templates may use: the library's filters and tags, less those that
 * include files, keep state between templates or write without passing our escaping.
 */
final class Dialect {
  /** The filter that is put behind every output. */
  static final String ESCAPE = "tributary_escape";

  static final Set<String> FILTERS =
      Set.of(
          "abs",
          "append",
          "at_least",
          "at_most",
          "capitalize",
          "ceil",
          "compact",
          "concat",
          "date",
          "default",
          "divided_by",
          "downcase",
          "escape",
          "escape_once",
          "first",
          "floor",
          "h",
          "join",
          "json",
          "last",
          "lstrip",
          "map",
          "minus",
          "modulo",
          "newline_to_br",
          "plus",
          "prepend",
          "remove",
          "remove_first",
          "replace",
          "replace_first",
          "reverse",
          "round",
          "rstrip",
          "size",
          "slice",
          "sort",
          "sort_natural",
          "split",
          "strip",
          "strip_html",
          "strip_newlines",
          "times",
          "truncate",
          "truncatewords",
          "uniq",
          "upcase",
          "url_decode",
          "url_encode",
          "where");

  private static final Set<String> ESCAPING = Set.of("escape", "escape_once", "h");
  private static final Map<Escaping, TemplateParser> PARSERS =
      Map.of(
          Escaping.NONE, parser(Escaping.NONE),
          Escaping.HTML, parser(Escaping.HTML),
          Escaping.JSON, parser(Escaping.JSON));

  private Dialect() {}

  @SuppressWarnings("NullAway") // every escaping is a key
  static TemplateParser of(Escaping escaping) {
    return PARSERS.get(escaping);
  }

  private static TemplateParser parser(Escaping escaping) {
    TemplateParser.Builder builder =
        new TemplateParser.Builder()
            .withFlavor(Flavor.LIQUID)
            .withErrorMode(TemplateParser.ErrorMode.STRICT)
            .withEvaluateMode(TemplateParser.EvaluateMode.LAZY)
            .withDefaultTimeZone(ZoneOffset.UTC)
            .withMaxIterations(Budget.MOST_ITERATIONS)
            .withRenderTransformer(Renderings.INSTANCE)
            .withNameResolver(name -> {
              throw new Budget.ExceededException("templates can't include files");
            })
            .withBlock(new EscapedCapture(escaping));
    for (Filter filter : filters(escaping)) {
      builder.withFilter(filter);
    }
    return builder.build();
  }

  private static List<Filter> filters(Escaping escaping) {
    List<Filter> all = new ArrayList<>();
    for (Map.Entry<String, Filter> entry : Filters.DEFAULT_FILTERS.getMap().entrySet()) {
      if (escaping == Escaping.HTML && ESCAPING.contains(entry.getKey())) {
        all.add(new Escape(entry.getKey(), escaping));
      } else if (escaping == Escaping.JSON && entry.getKey().equals("json")) {
        all.add(new Finished(new BoundedFilter(entry.getValue())));
      } else if (FILTERS.contains(entry.getKey())) {
        all.add(new BoundedFilter(entry.getValue()));
      }
    }
    all.add(new Escape(ESCAPE, escaping));
    return all;
  }

  /** Makes any value fit for where it lands, once. */
  private static final class Escape extends Filter {
    private final Escaping escaping;

    Escape(String name, Escaping escaping) {
      super(name);
      this.escaping = escaping;
    }

    @Override
    public Object apply(
        @Nullable Object value, TemplateContext context, @Nullable Object... params) {
      Renderings.budget(context).step();
      if (value instanceof EscapedText) {
        return value;
      }
      String text = asString(value, context);
      Budget.length(text.length());
      return new EscapedText(escaping.escape(text));
    }
  }

  /** A filter whose result is fit as it is. */
  private static final class Finished extends Filter {
    private final Filter filter;

    Finished(Filter filter) {
      super(filter.getName());
      this.filter = filter;
    }

    @Override
    public Object apply(
        @Nullable Object value, TemplateContext context, @Nullable Object... params) {
      Object result = filter.apply(value, context, params);
      return new EscapedText(String.valueOf(result));
    }
  }

  /** What was captured was escaped when it was written; it isn't escaped again when it's used. */
  private static final class EscapedCapture extends Block {
    private final Escaping escaping;

    EscapedCapture(Escaping escaping) {
      super("capture");

      this.escaping = escaping;
    }

    @Override
    public @Nullable Object render(TemplateContext context, LNode... nodes) {
      String id = asString(nodes[0].render(context), context);
      String text = String.valueOf(nodes[1].render(context));
      context.put(id, escaping == Escaping.NONE ? text : new EscapedText(text), true);
      return null;
    }
  }
}
