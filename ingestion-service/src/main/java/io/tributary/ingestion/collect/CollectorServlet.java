package io.tributary.ingestion.collect;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.WriteKey;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.activity.Activity;
import io.tributary.ingestion.activity.Visit;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.governance.Violations;
import io.tributary.ingestion.webhook.CollectorAddress;
import io.tributary.ingestion.webhook.Providers;
import io.tributary.ingestion.webhook.WebhookSecrets;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP side of the collector, a bare servlet: a request costs no more than its events do. Every
 * answer is open to pages of other sites and, but for the picture, JSON.
 */
public final class CollectorServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CollectorServlet.class);
  private static final Pattern HEADER_NAMES =
      Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}");
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  /** Of a request whose sender wants to know what became of each event. */
  private static final String VERDICTS = "X-Tributary-Verdicts";

  private static final String RETRIES = "X-Retry-Count";
  private static final String PREFLIGHT_METHODS = "POST, GET, OPTIONS";

  private final transient Collector collector;
  private final transient CollectorSettings settings;
  private final transient MeterRegistry registry;
  private final transient Webhooks webhooks;

  /** What webhooks need: who sends them, their secrets, and the address that is signed. */
  public record WebhookParts(
      Providers providers, WebhookSecrets secrets, CollectorAddress address) {}

  /** What is known of sources: keys, plans, how their events break these, and what came. */
  public record SourceParts(
      KeyLookup keys, SourceRules rules, Violations violations, Activity activity) {}

  /** The servlet for {@code /v1/*} and {@code /health}. */
  public CollectorServlet(
      SourceParts sources,
      EventLog log,
      Clock clock,
      CollectorSettings settings,
      WebhookParts webhooks,
      MeterRegistry registry) {
    this.collector = new Collector(sources, log, clock, settings, registry);
    this.settings = settings;
    this.registry = registry;
    this.webhooks = new Webhooks(collector, webhooks, clock, registry);
    // Before any request: of a series that begins at 1 nobody can tell that it rose.
    for (int status : new int[] {200, 400, 401, 404, 413, 429, 503}) {
      requests(status);
    }
  }

  InFlight inFlight() {
    return collector.inFlight();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader(
        "Access-Control-Expose-Headers", "X-Tributary-Position, X-Tributary-Refused, Retry-After");
    response.setHeader("X-Content-Type-Options", "nosniff");
    String path = request.getRequestURI();
    Optional<Route> route = Route.of(path);
    String method = request.getMethod();
    if (method.equals("OPTIONS")) {
      preflight(request, response);
    } else if (route.isPresent()
        && route.get() instanceof Route.Pixel pixel
        && method.equals("GET")) {
      pixel(pixel, request, response);
    } else {
      Answer answer = answer(route, method, request, response);
      if (answer != null) {
        write(answer, response);
      }
    }
  }

  /** The answer; null when it's already written. */
  private @Nullable Answer answer(
      Optional<Route> route,
      String method,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (route.isEmpty()) {
      return Answer.refused(404, "not_found", "There's nothing at this path.");
    }
    List<String> allowed = allowed(route.get());
    if (!allowed.contains(method)) {
      response.setHeader("Allow", String.join(", ", allowed) + ", OPTIONS");
      return Answer.refused(405, "method_not_allowed", "Use " + allowed.getFirst() + " here.");
    }
    try {
      return switch (route.get()) {
        case Route.Collect collect -> collect(collect, request);
        case Route.Metrics _, Route.Health _ -> Answer.success(null, 0);
        case Route.Settings wanted -> {
          settings(wanted, request, response);
          yield null;
        }
        case Route.Webhook hook -> webhook(hook, request, response);
        case Route.Pixel _ -> throw new IllegalStateException("a pixel is answered before");
      };
    } catch (RefusedException e) {
      return e.answer();
    } catch (IOException e) {
      LOG.debug("collect outcome=incomplete", e);
      return Answer.refused(408, "body_incomplete", "The body ended early; send it again.");
    } catch (RuntimeException e) {
      // A mistake of ours must not look like one of the sender's, who would drop the events.
      LOG.error("collect outcome=failed path={}", route.get().getClass().getSimpleName(), e);
      return Answer.refused(503, "internal", "The events couldn't be taken; send them again.");
    }
  }

  private static List<String> allowed(Route route) {
    return switch (route) {
      case Route.Collect _, Route.Metrics _ -> List.of("POST");
      case Route.Pixel _, Route.Settings _, Route.Health _ -> List.of("GET");
      case Route.Webhook _ -> List.of("POST", "GET", "HEAD");
    };
  }

  /** The answer; null when it's already written. */
  private @Nullable Answer webhook(
      Route.Webhook route, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    return switch (webhooks.answer(route, request)) {
      case Webhooks.Reply.Json json -> json.answer();
      case Webhooks.Reply.Text text -> {
        count(200);
        byte[] body = text.text().getBytes(StandardCharsets.US_ASCII);
        response.setContentType("text/plain");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        yield null;
      }
    };
  }

  private Answer collect(Route.Collect route, HttpServletRequest request)
      throws IOException, RefusedException {
    Optional<String> header = KeyHeader.key(request.getHeader("Authorization"));
    // Before the body is read, so that strangers can't make us read.
    WriteKey key = header.isPresent() ? collector.known(header.get()) : null;
    Visit visit = collector.visit(request.getHeader(RETRIES));
    if (key != null) {
      visit.by(key);
    }
    try (InFlight.Share share = collector.inFlight().share()) {
      byte[] body = Body.read(request, share);
      visit.bytes(body.length);
      boolean curious = "true".equals(request.getHeader(VERDICTS));
      Collector.Sender sender = new Collector.Sender(address(request), visit, curious);
      Answer answer = collector.collect(body, route.call(), key, sender);
      visit.end(answer.code());
      return answer;
    } catch (RefusedException e) {
      visit.end(e.getMessage());
      throw e;
    }
  }

  /**
   * Always 200 and a picture: a broken image in a mail helps nobody. The header tells developers.
   */
  private void pixel(Route.Pixel route, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String outcome = "accepted";
    Visit visit = collector.visit(null);
    try (InFlight.Share share = collector.inFlight().share()) {
      Map<String, String> parameters = Pixel.parameters(request.getQueryString());
      byte[] body = Pixel.body(parameters);
      String named = parameters.get("writeKey");
      Optional<String> key =
          named != null ? Optional.of(named) : KeyHeader.key(request.getHeader("Authorization"));
      WriteKey known = key.isPresent() ? collector.known(key.get()) : null;
      if (known != null) {
        visit.by(known);
      }
      visit.bytes(body.length);
      if (share.take(body.length)) {
        Collector.Sender sender = new Collector.Sender(address(request), visit);
        Answer answer = collector.collect(body, Call.of(route.type()), known, sender);
        outcome = answer.code() == null ? outcome : answer.code();
        outcome = answer.refused() > 0 ? "refused" : outcome;
      } else {
        outcome = "too_busy";
      }
    } catch (RefusedException e) {
      outcome = String.valueOf(e.getMessage());
    } catch (IllegalArgumentException e) {
      outcome = "invalid_data";
    } catch (RuntimeException e) {
      LOG.error("collect outcome=failed path=Pixel", e);
      outcome = "internal";
    }
    visit.end(outcome.equals("accepted") || outcome.equals("refused") ? null : outcome);
    count(200);
    byte[] gif = Pixel.gif();
    response.setHeader("X-Tributary-Outcome", outcome);
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    response.setContentType("image/gif");
    response.setContentLength(gif.length);
    response.getOutputStream().write(gif);
  }

  private void settings(
      Route.Settings route, HttpServletRequest request, HttpServletResponse response)
      throws IOException, RefusedException {
    if (collector.find(route.writeKey()).isEmpty()) {
      throw new RefusedException(
          404, "unknown_write_key", "The write key is unknown or was revoked.");
    }
    count(200);
    response.setHeader("Cache-Control", "public, max-age=60");
    response.setHeader("Vary", "Host, X-Forwarded-Proto");
    json(200, SettingsDocument.of(route.writeKey(), request, settings), response);
  }

  private void preflight(HttpServletRequest request, HttpServletResponse response) {
    count(204);
    response.setStatus(204);
    response.setHeader("Access-Control-Allow-Methods", PREFLIGHT_METHODS);
    String wanted = request.getHeader("Access-Control-Request-Headers");
    response.setHeader(
        "Access-Control-Allow-Headers",
        wanted != null && HEADER_NAMES.matcher(wanted).matches()
            ? wanted
            : "authorization, content-type, x-retry-count");
    response.setHeader("Access-Control-Max-Age", "86400");
    response.setHeader("Vary", "Access-Control-Request-Headers");
    if ("true".equals(request.getHeader("Access-Control-Request-Private-Network"))) {
      response.setHeader("Access-Control-Allow-Private-Network", "true");
    }
  }

  private void write(Answer answer, HttpServletResponse response) throws IOException {
    count(answer.status());
    if (answer.position() != null) {
      response.setHeader("X-Tributary-Position", answer.position().format());
    }
    if (answer.refused() > 0) {
      response.setHeader("X-Tributary-Refused", String.valueOf(answer.refused()));
    }
    if (answer.status() == 429 || answer.status() == 503) {
      response.setHeader("Retry-After", "1");
    }
    json(answer.status(), answer.body(), response);
  }

  private static void json(int status, byte[] body, HttpServletResponse response)
      throws IOException {
    response.setStatus(status);
    response.setContentType("application/json");
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private void count(int status) {
    requests(status).increment();
  }

  private Counter requests(int status) {
    return registry.counter("tributary.collector.requests", "status", String.valueOf(status));
  }

  /** Who sent the request, as far as the set-up allows to say. */
  private @Nullable String address(HttpServletRequest request) {
    String address = request.getRemoteAddr();
    String forwarded = settings.trustForwarded() ? request.getHeader("X-Forwarded-For") : null;
    if (forwarded != null) {
      // The last entry is the one that the trusted proxy added.
      address = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
    }
    return address != null && ADDRESS.matcher(address).matches() ? address : null;
  }
}
