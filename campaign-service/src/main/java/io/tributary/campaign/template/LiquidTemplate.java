package io.tributary.campaign.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import liqp.Template;
import liqp.TemplateContext;
import liqp.TemplateParser;
import liqp.exceptions.ExceededMaxIterationsException;
import org.jspecify.annotations.Nullable;

/** A compiled template. Safe for use by several threads. */
public final class LiquidTemplate {
  private final TemplateParser parser;
  private final Template template;

  /** The library's template keeps the context of its rendering in a field. */
  private final ReentrantLock one = new ReentrantLock();

  private LiquidTemplate(TemplateParser parser, Template template) {
    this.parser = parser;
    this.template = template;
  }

  /** What came of compiling. */
  public sealed interface Compiled {
    /** It can be rendered. */
    record Valid(LiquidTemplate template) implements Compiled {}

    /** It can't; all that is wrong with it, as far as it could be read. */
    record Invalid(List<TemplateProblem> problems) implements Compiled {
      /** Copies the list. */
      public Invalid {
        problems = List.copyOf(problems);
      }
    }
  }

  /** Compiles a source text. */
  public static Compiled compile(String source, Escaping escaping) {
    return switch (TemplateSource.read(source, escaping)) {
      case TemplateSource.Faulty(List<TemplateProblem> problems) -> new Compiled.Invalid(problems);
      case TemplateSource.Fine(String text) ->
          new Compiled.Valid(
              new LiquidTemplate(Dialect.of(escaping), Dialect.of(escaping).parse(text)));
    };
  }

  /** Compiles a source text that was compiled before without problems. */
  public static LiquidTemplate compiled(String source, Escaping escaping) {
    return switch (compile(source, escaping)) {
      case Compiled.Valid(LiquidTemplate template) -> template;
      case Compiled.Invalid(List<TemplateProblem> problems) ->
          throw new IllegalArgumentException("a stored template is invalid: " + problems);
    };
  }

  /**
   * Renders with plain values: texts, numbers, booleans, lists and maps with text keys.
   *
   * @throws RenderException when the template goes beyond its bounds or can't handle the values
   */
  public String render(Map<String, @Nullable Object> variables) throws RenderException {
    one.lock();
    try {
      TemplateContext parent = new TemplateContext(parser, new HashMap<>());
      Renderings.attach(parent.getEnvironmentMap(), new Budget(System::nanoTime));
      return template.renderUnguarded(new HashMap<>(variables), parent, true);
    } catch (StackOverflowError e) {
      throw new RenderException("the template is nested too deeply");
    } catch (RuntimeException e) {
      throw new RenderException(reason(e));
    } finally {
      one.unlock();
    }
  }

  /** Messages of the library may hold values, so only those that are known not to are passed on. */
  private static String reason(RuntimeException failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof Budget.ExceededException) {
        return String.valueOf(e.getMessage());
      }
      if (e instanceof ExceededMaxIterationsException) {
        return "the loops run more than " + Budget.MOST_ITERATIONS + " times";
      }
    }
    return "the values don't fit the template";
  }
}
