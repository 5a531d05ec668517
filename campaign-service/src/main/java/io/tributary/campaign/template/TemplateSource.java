package io.tributary.campaign.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import liqp.exceptions.LiquidException;
import liqp.org.antlr.v4.runtime.ParserRuleContext;
import liqp.org.antlr.v4.runtime.Token;
import liqp.org.antlr.v4.runtime.tree.ParseTree;
import liqp.org.antlr.v4.runtime.tree.ParseTreeWalker;
import liquid.parser.v4.LiquidParser;
import liquid.parser.v4.LiquidParserBaseListener;
import org.jspecify.annotations.Nullable;

/**
 * Checks a template's source and puts the escaping filter behind each output. Working on the parse
 * tree, not on the text, it can't be led astray by comments, raw blocks or quotes.
 */
sealed interface TemplateSource {
  int LONGEST = 200_000;
  int MOST_TAGS = 2_000;

  /** Ready to be parsed for rendering. */
  record Fine(String text) implements TemplateSource {}

  /** Something is wrong. */
  record Faulty(List<TemplateProblem> problems) implements TemplateSource {}

  static TemplateSource read(String source, Escaping escaping) {
    if (source.length() > LONGEST) {
      return faulty(1, 1, "the template has more than " + LONGEST + " characters");
    }
    if (source.indexOf('\0') >= 0) {
      return faulty(1, 1, "the template holds a NUL character");
    }
    if (source.split("\\{[%{]", MOST_TAGS + 2).length > MOST_TAGS + 1) {
      return faulty(1, 1, "the template has more than " + MOST_TAGS + " tags and outputs");
    }
    if (Nesting.isTooDeep(source)) {
      return faulty(1, 1, "the template is nested more than " + Nesting.DEEPEST + " levels deep");
    }
    try {
      Reader reader = new Reader();
      ParseTree tree = Dialect.of(escaping).parse(source).getParseTree();
      ParseTreeWalker.DEFAULT.walk(reader, tree);
      return reader.problems.isEmpty()
          ? new Fine(reader.escaped(source))
          : new Faulty(List.copyOf(reader.problems));
    } catch (LiquidException e) {
      return faulty(e.line, e.charPositionInLine + 1, syntax(e));
    } catch (StackOverflowError e) {
      return faulty(1, 1, "the template is nested too deeply");
    } catch (RuntimeException e) {
      return faulty(1, 1, "the template can't be read as Liquid");
    }
  }

  private static Faulty faulty(int line, int column, String message) {
    return new Faulty(
        List.of(new TemplateProblem(Math.max(1, line), Math.max(1, column), message)));
  }

  private static String syntax(LiquidException e) {
    String message = String.valueOf(e.getMessage());
    int from = message.indexOf('"');
    int to = message.lastIndexOf("\" on line ");
    return from >= 0 && to > from ? message.substring(from + 1, to) : "not valid Liquid";
  }

  /** Notes where outputs end, and what may not be used. */
  final class Reader extends LiquidParserBaseListener {
    private static final Set<String> NO_TAGS =
        Set.of("include", "include_relative", "cycle", "tablerow", "ifchanged");
    private final List<TemplateProblem> problems = new ArrayList<>();
    private final TreeSet<Integer> outputEnds = new TreeSet<>();

    @Override
    public void exitOutput(LiquidParser.OutputContext output) {
      outputEnds.add(output.OutEnd().getSymbol().getStartIndex());
    }

    @Override
    public void enterFilter(LiquidParser.FilterContext filter) {
      String name = filter.Id().getText();
      if (!Dialect.FILTERS.contains(name)) {
        note(filter, "there is no filter " + name);
      }
    }

    @Override
    public void enterInclude_tag(LiquidParser.Include_tagContext tag) {
      refuse(tag, "include");
    }

    @Override
    public void enterInclude_relative_tag(LiquidParser.Include_relative_tagContext tag) {
      refuse(tag, "include_relative");
    }

    @Override
    public void enterCycle_tag(LiquidParser.Cycle_tagContext tag) {
      refuse(tag, "cycle");
    }

    @Override
    public void enterTable_tag(LiquidParser.Table_tagContext tag) {
      refuse(tag, "tablerow");
    }

    @Override
    public void enterSimple_tag(LiquidParser.Simple_tagContext tag) {
      String name = tag.SimpleTagId().getText();
      if (!name.equals("break") && !name.equals("continue")) {
        refuse(tag, name);
      }
    }

    @Override
    public void enterOther_tag(LiquidParser.Other_tagContext tag) {
      refuse(tag, tag.BlockId() == null ? "this" : tag.BlockId().getText());
    }

    private void refuse(ParserRuleContext where, String tag) {
      note(
          where,
          NO_TAGS.contains(tag)
              ? "the tag " + tag + " can't be used in messages"
              : "there is no tag " + tag);
    }

    private void note(ParserRuleContext where, String message) {
      @Nullable Token start = where.getStart();
      problems.add(
          new TemplateProblem(
              start == null ? 1 : start.getLine(),
              start == null ? 1 : start.getCharPositionInLine() + 1,
              message));
    }

    // The parser counts code points, a String counts chars.
    String escaped(String source) {
      StringBuilder text = new StringBuilder(source);
      for (int end : outputEnds.descendingSet()) {
        text.insert(source.offsetByCodePoints(0, end), " | " + Dialect.ESCAPE + " ");
      }
      return text.toString();
    }
  }
}
