package io.tributary.ingestion.admin;

import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.ingestion.webhook.Provider;
import io.tributary.ingestion.webhook.Providers;
import io.tributary.web.Page;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who can send webhooks. */
@RestController
@RequestMapping("/api/v1/webhook-providers")
class WebhookProviderEndpoint {
  private final Providers providers;

  WebhookProviderEndpoint(Providers providers) {
    this.providers = providers;
  }

  /**
   * A provider whose webhooks are verified and mapped.
   *
   * @param provider its id, for {@code webhook.provider} of a source
   * @param needs the fields of {@code webhook} that a source has to be told, with where to find
   *     them
   * @param events what its types become; all others become a track call of the type's own name
   */
  record ProviderAnswer(
      String provider, String title, Map<String, String> needs, List<EventAnswer> events) {
    static ProviderAnswer from(Provider provider) {
      return new ProviderAnswer(
          provider.provider(),
          provider.title(),
          provider.needs(),
          provider.becomes().entrySet().stream()
              .map(entry -> new EventAnswer(entry.getKey(), entry.getValue()))
              .toList());
    }
  }

  /**
   * What a type of a provider becomes.
   *
   * @param type as the provider names it; {@code a.*} is every other type below {@code a}
   * @param becomes the call, and the name of a tracked event
   */
  record EventAnswer(String type, String becomes) {}

  /** The providers whose webhooks are verified and mapped; always all on one page. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<ProviderAnswer> list() {
    return new Page<>(providers.all().stream().map(ProviderAnswer::from).toList(), null);
  }
}
