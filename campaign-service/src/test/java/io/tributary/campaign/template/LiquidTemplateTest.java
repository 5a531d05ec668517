package io.tributary.campaign.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.campaign.template.LiquidTemplate.Compiled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class LiquidTemplateTest {
  private static final Map<String, Object> ADA =
      Map.of(
          "profile",
          Map.of(
              "name",
              "Ada <b>\"L\"</b> & 'Co'",
              "age",
              36,
              "tags",
              List.of("x", "y"),
              "encoded",
              "%3Cscript%3E"));

  private static String render(String source, Escaping escaping) throws RenderException {
    return LiquidTemplate.compiled(source, escaping).render(new HashMap<>(ADA));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      textBlock =
          """
          Hi {{ profile.name }}                                         § Hi Ada &lt;b&gt;&quot;L&quot;&lt;/b&gt; &amp; &#39;Co&#39;
          {{profile.name}}                                              § Ada &lt;b&gt;&quot;L&quot;&lt;/b&gt; &amp; &#39;Co&#39;
          {{- profile.age -}}                                           § 36
          {{ profile.encoded | url_decode }}                            § &lt;script&gt;
          {{ profile.name | escape }}                                   § Ada &lt;b&gt;&quot;L&quot;&lt;/b&gt; &amp; &#39;Co&#39;
          {{ '<' | escape | append: '>' }}                              § &amp;lt;&gt;
          {% capture x %}<i>{{ profile.encoded | url_decode }}</i>{% endcapture %}{{ x }} § <i>&lt;script&gt;</i>
          {% assign x = profile.encoded | url_decode %}{{ x }}          § &lt;script&gt;
          {{ profile.missing | default: 'friend' }}                     § friend
          {{ nothing.at.all }}!                                         § !
          {% for t in profile.tags %}{{ t }}{% unless forloop.last %},{% endunless %}{% endfor %} § x,y
          {% if profile.age >= 18 %}adult{% else %}child{% endif %}     § adult
          {% case profile.age %}{% when 36 %}36!{% else %}?{% endcase %}§ 36!
          {% raw %}{{ profile.name }}{% endraw %}                       § {{ profile.name }}
          {% comment %}{{ profile.name }}{% endcomment %}-              § -
          {{ "a}}b" }}                                                  § a}}b
          😀{{ profile.age }}😀                                          § 😀36😀
          {{ profile.tags }}                                            § xy
          """)
  void valuesInHtmlAreEscapedOnceWhateverTheirWay(String source, String expected)
      throws RenderException {
    assertThat(render(source, Escaping.HTML).strip()).isEqualTo(expected);
  }

  @Test
  void valuesInTextStayAsTheyAre() throws RenderException {
    assertThat(render("{{ profile.name }}", Escaping.NONE)).isEqualTo("Ada <b>\"L\"</b> & 'Co'");
    assertThat(render("{{ profile.name | escape }}", Escaping.NONE)).contains("&lt;b&gt;");
  }

  @Test
  void valuesInJsonCantLeaveTheirString() throws RenderException {
    assertThat(
            render(
                "{\"n\":\"{{ profile.name }}\",\"a\":{{ profile.age }},\"t\":{{ profile.tags | json }}}",
                Escaping.JSON))
        .isEqualTo("{\"n\":\"Ada <b>\\\"L\\\"</b> & 'Co'\",\"a\":36,\"t\":[\"x\",\"y\"]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ profile.class }}",
        "{{ profile.getClass }}",
        "{{ profile.class.classLoader }}",
        "{{ profile.name.bytes }}",
        "{{ profile['class'] }}",
        "{{ profile.name.class.forName }}",
        "{{ tributary.budget }}"
      })
  void nothingOfJavaIsReachable(String source) throws RenderException {
    assertThat(render(source, Escaping.HTML)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      textBlock =
          """
          Hello{% include 'secret' %}                        § 1
          a\\n\\n{% if profile.age %}no end                  § 3
          a\\n{{ profile.name | shell }}                     § 2
          a\\n{{ profile.name                                § 2
          {% cycle 'a', 'b' %}                               § 1
          {% tablerow i in profile.tags %}{% endtablerow %}  § 1
          {% increment x %}                                  § 1
          {% unknown %}                                      § 1
          {% endif %}                                        § 1
          {{ profile.name | tributary_escape }}              § 1
          {{ a b c }}                                        § 1
          {% ifchanged %}a{% endifchanged %}                 § 1
          """)
  void whatIsNotAllowedIsToldWithItsLine(String source, int line) {
    Compiled compiled = LiquidTemplate.compile(source.replace("\\n", "\n"), Escaping.HTML);
    assertThat(compiled).isInstanceOf(Compiled.Invalid.class);
    assertThat(((Compiled.Invalid) compiled).problems())
        .first()
        .satisfies(problem -> {
          assertThat(problem.line()).isEqualTo(line);
          assertThat(problem.message()).isNotBlank();
        });
  }

  @Test
  void allProblemsAreToldAtOnce() {
    Compiled compiled =
        LiquidTemplate.compile("{{ a | one }}\n{{ b | two }}\n{% include 'x' %}", Escaping.NONE);
    assertThat(((Compiled.Invalid) compiled).problems())
        .extracting(TemplateProblem::line)
        .containsExactly(1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in (1..2000000000) %}{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..9000) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' }}{% endfor %}",
        "{% assign x = 'aaaaaaaaaa' %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}{{ x }}",
        "{% capture x %}aaaaaaaaaa{% endcapture %}{% for i in (1..40) %}{% capture x %}{{x}}{{x}}{% endcapture %}{% endfor %}",
        "{{ '1e999999999' | plus: 1 }}",
        "{{ '1e999999999' | times: '1e999999999' }}",
        "{% assign x = 'aaaaaaaaaa' | split: '' %}{% for i in (1..30) %}{% assign x = x | concat: x %}{% endfor %}{{ x }}",
        "{% assign x = 99999999.5 %}{% for i in (1..60) %}{% assign x = x | times: x %}{% endfor %}{{ x }}"
      })
  void whatWouldGrowWithoutBoundsIsEnded(String source) {
    assertThatThrownBy(() -> render(source, Escaping.HTML)).isInstanceOf(RenderException.class);
  }

  @Test
  void deepNestingIsRefusedOrRendered() {
    String deep = "{% if true %}".repeat(900) + "x" + "{% endif %}".repeat(900);
    assertThat(LiquidTemplate.compile(deep, Escaping.HTML)).isNotNull();
    String parentheses = "{{ " + "(".repeat(20_000) + "1" + ")".repeat(20_000) + " }}";
    assertThat(LiquidTemplate.compile(parentheses, Escaping.HTML))
        .isInstanceOf(Compiled.Invalid.class);
  }

  @Test
  void manyThreadsRenderOneTemplateWithoutMixingTheirValues() throws Exception {
    LiquidTemplate template =
        LiquidTemplate.compiled("{% for i in (1..20) %}{{ n }},{% endfor %}", Escaping.HTML);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> tasks =
          IntStream.range(0, 500)
              .<Callable<String>>mapToObj(n -> () -> template.render(new HashMap<>(Map.of("n", n))))
              .toList();
      List<Future<String>> results = threads.invokeAll(tasks);
      for (int n = 0; n < results.size(); n++) {
        assertThat(results.get(n).get()).isEqualTo((n + ",").repeat(20));
      }
    }
  }

  @Test
  void messagesAboutFailuresHoldNoValues() {
    assertThatThrownBy(() ->
            LiquidTemplate.compiled("{{ profile.name | divided_by: 0 }}", Escaping.NONE)
                .render(new HashMap<>(ADA)))
        .isInstanceOf(RenderException.class)
        .hasMessageNotContaining("Ada");
  }
}
