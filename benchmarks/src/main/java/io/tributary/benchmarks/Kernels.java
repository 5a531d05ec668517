package io.tributary.benchmarks;

import io.tributary.campaign.template.Escaping;
import io.tributary.campaign.template.LiquidTemplate;
import io.tributary.campaign.template.RenderException;
import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.Evaluation;
import io.tributary.conditions.EventPattern;
import io.tributary.conditions.Facts;
import io.tributary.conditions.Occurrences;
import io.tributary.conditions.Parsed;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Ids;
import io.tributary.event.ProfileId;
import io.tributary.identity.resolve.Decisions;
import io.tributary.identity.resolve.Extraction;
import io.tributary.identity.resolve.Facts.Holding;
import io.tributary.identity.resolve.Facts.Root;
import io.tributary.identity.resolve.Identifier;
import io.tributary.identity.resolve.Incoming;
import io.tributary.identity.resolve.NewIds;
import io.tributary.identity.resolve.Resolver;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.plan.Compiled;
import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.PlanCompiler;
import io.tributary.ingestion.plan.PlanDocument;
import io.tributary.ingestion.transform.Locations;
import io.tributary.ingestion.transform.Means;
import io.tributary.ingestion.transform.Transformation;
import io.tributary.ingestion.transform.TransformationDocument;
import io.tributary.ingestion.transform.TransformationReader;
import io.tributary.profile.merge.EventFacts;
import io.tributary.profile.merge.Home;
import io.tributary.profile.merge.ProfileKey;
import io.tributary.web.Faults;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.databind.JsonNode;

/**
 * What the pure parts cost, each by itself, in microseconds for one event, condition or message:
 * {@code ./tributary bench kernels}. The events are those of the whole run.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx512m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
public class Kernels { // not final: JMH makes a subclass
  private static final int EVENTS = 100;
  private static final int PEOPLE = 200_000;
  private static final String CONDITION =
      """
      {"type": "and", "conditions": [
        {"type": "trait", "trait": "country", "operator": "in", "values": ["DE", "AT", "CH"]},
        {"type": "trait", "trait": "age", "operator": "at_least", "value": 18},
        {"type": "event", "event": "Order Completed", "count": {"operator": "at_least", "value": 2},
         "within": {"days": 30}}]}
      """;
  private static final String TEMPLATE =
      """
      <p>Dear {{ profile.firstName | default: "customer" }},</p>
      {% if profile.orders > 1 %}<p>{{ profile.orders }} orders!</p>{% endif %}
      <ul>{% for product in event.properties.products %}<li>{{ product.name | upcase }}: {{ product.price }}</li>{% endfor %}</ul>
      """;

  private final Instant now = Instant.now();
  private final Batch batch = Batch.mixed("", EVENTS, 1);
  private final Source source = new Source("ws_bench", "src_bench", false);
  private final Source governed =
      new Source("ws_bench", "src_bench", false, false, plan(), transformation());
  private final Receipt receipt = new Receipt(now, "127.0.0.1", () -> Ids.uuid().toString());
  private final List<byte[]> records = new ArrayList<>();
  private final List<CollectedEvent> events = new ArrayList<>();
  private final Extraction extraction = new Extraction("DE");
  private final List<Incoming> incoming = new ArrayList<>();
  private final io.tributary.identity.resolve.Facts known;
  private final Home home;
  private final CollectedEvent identify;
  private final CompiledCondition condition = condition();
  private final Facts facts = facts();
  private final LiquidTemplate template = LiquidTemplate.compiled(TEMPLATE, Escaping.HTML);
  private final Map<String, @Nullable Object> variables = variables();

  /** Prepares what is worked on. */
  public Kernels() {
    batch.next(Load.anyOf(PEOPLE), Load.now());
    for (Verdict verdict : parseAndCheck()) {
      if (!(verdict instanceof Verdict.Accepted accepted)) {
        throw new IllegalStateException("the collector refuses an event of the benchmark");
      }
      records.add(accepted.draft().encode());
    }
    records.forEach(bytes -> events.add(CollectedEvent.decode(bytes)));
    events.forEach(event -> incoming.add(extraction.read(event)));
    known = known(incoming);
    identify =
        events.stream()
            .filter(event -> EventFacts.of(event).traitKeys().size() > 1)
            .findFirst()
            .orElseThrow();
    ProfileKey key = new ProfileKey("ws_bench", new ProfileId(Ids.uuid()));
    home = Home.create(key).fold(EventFacts.of(identify)).home();
  }

  private io.tributary.identity.resolve.Facts known(List<Incoming> all) {
    Map<Identifier, List<Holding>> holdings = new HashMap<>();
    Map<UUID, Root> roots = new HashMap<>();
    for (Incoming one : all) {
      UUID id = Ids.uuid();
      roots.put(id, new Root(id, "ws_bench", now.minus(Duration.ofDays(1)), null, 1, 0));
      one.identifiers()
          .forEach(identifier ->
              holdings.putIfAbsent(identifier, List.of(new Holding(Holding.ALWAYS, id))));
    }
    return new io.tributary.identity.resolve.Facts(holdings, roots, Set.of());
  }

  private static Plan plan() {
    return switch (PlanCompiler.compile(
        "pln_bench", 1, Target.JSON.readValue(Governance.PLAN, PlanDocument.class))) {
      case Compiled.Valid valid -> valid.plan();
      case Compiled.Invalid invalid -> throw new IllegalStateException(invalid.toString());
    };
  }

  private static Transformation transformation() {
    Faults faults = new Faults();
    Optional<Transformation> read =
        new TransformationReader(faults, new Means(Optional.empty(), Locations.none()))
            .read(1, Target.JSON.readValue(Governance.STEPS, TransformationDocument.class));
    faults.throwIfAny();
    return read.orElseThrow();
  }

  private static CompiledCondition condition() {
    return switch (ConditionParser.parse(Target.JSON.readTree(CONDITION))) {
      case Parsed.Valid valid -> CompiledCondition.of(valid.condition());
      case Parsed.Invalid invalid -> throw new IllegalStateException(invalid.toString());
    };
  }

  private Facts facts() {
    Map<String, JsonNode> traits =
        Map.of(
            "country", Target.JSON.readTree("\"DE\""),
            "age", Target.JSON.readTree("42"));
    Occurrences orders =
        Occurrences.of(
            Occurrences.micros(now.minus(Duration.ofDays(1))),
            Occurrences.micros(now.minus(Duration.ofDays(20))));
    return new Facts() {
      @Override
      public @Nullable JsonNode trait(String key) {
        return traits.get(key);
      }

      @Override
      public Occurrences occurrences(EventPattern pattern) {
        return orders;
      }

      @Override
      public boolean memberOf(String segmentId) {
        return false;
      }
    };
  }

  private static Map<String, @Nullable Object> variables() {
    List<Map<String, Object>> products =
        List.of(
            Map.of("name", "Lamp <small>", "price", 25),
            Map.of("name", "Chair", "price", 80),
            Map.of("name", "Table", "price", 140));
    Map<String, @Nullable Object> all = new HashMap<>();
    all.put("profile", Map.of("firstName", "Ada", "orders", 2));
    all.put("event", Map.of("properties", Map.of("products", products)));
    return all;
  }

  /** A request's bytes to verdicts: an event of a batch of 100. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public final List<Verdict> parseAndCheck() {
    return switch (CollectRequest.read(batch.body(), Call.BATCH)) {
      case Reading.Legible legible -> legible.request().judge(source, receipt);
      case Reading.Illegible illegible -> throw new IllegalStateException(illegible.message());
    };
  }

  /** The same for a source with a plan, three steps and all enrichments. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public List<Verdict> parseTransformAndCheck() {
    return switch (CollectRequest.read(batch.body(), Call.BATCH)) {
      case Reading.Legible legible -> legible.request().judge(governed, receipt);
      case Reading.Illegible illegible -> throw new IllegalStateException(illegible.message());
    };
  }

  /** A record's bytes to an event and its usable identifiers. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public List<Incoming> decodeAndExtract() {
    List<Incoming> all = new ArrayList<>(EVENTS);
    for (byte[] bytes : records) {
      all.add(extraction.read(CollectedEvent.decode(bytes)));
    }
    return all;
  }

  /** An event of a batch of 100, all of whose identifiers have an owner. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Decisions resolve() {
    return Resolver.resolve(known, incoming, NewIds.UNIQUE, now);
  }

  /** An identify call read and folded into a profile that has its traits already. */
  @Benchmark
  public Home mergeTraits() {
    return home.fold(EventFacts.of(identify)).home();
  }

  /** Two traits and a count within a window. */
  @Benchmark
  public Evaluation evaluateCondition() {
    return condition.evaluate(facts, now);
  }

  /** A short mail with a default, a condition and a loop, escaped for HTML. */
  @Benchmark
  public String renderLiquid() throws RenderException {
    return template.render(variables);
  }
}
