package io.tributary.campaign.template;

import java.util.Map;
import liqp.RenderTransformer;
import liqp.TemplateContext;

/** Ties a rendering's budget to the library's context, and bounds everything that is written. */
final class Renderings implements RenderTransformer {
  static final Renderings INSTANCE = new Renderings();
  private static final String KEY = "tributary.budget";

  private Renderings() {}

  static void attach(Map<String, Object> environment, Budget budget) {
    environment.put(KEY, budget);
  }

  static Budget budget(TemplateContext context) {
    if (context.getEnvironmentMap().get(KEY) instanceof Budget budget) {
      return budget;
    }
    throw new IllegalStateException("a rendering has no budget");
  }

  @Override
  public ObjectAppender.Controller newObjectAppender(TemplateContext context, int appends) {
    Budget budget = budget(context);
    StringBuilder out = new StringBuilder();
    return new ObjectAppender.Controller() {
      @Override
      public Object getResult() {
        return out.toString();
      }

      @Override
      public void append(Object value) {
        budget.step();
        String text = String.valueOf(value);
        Budget.length(out.length() + text.length());
        out.append(text);
      }
    };
  }

  @Override
  public Object transformObject(TemplateContext context, Object value) {
    return String.valueOf(value);
  }
}
