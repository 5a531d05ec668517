package io.tributary.ingestion.admin;

import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.ingestion.webhook.Provider;
import io.tributary.ingestion.webhook.Providers;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.Problem;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Who can send webhooks: the known providers, and those that a workspace describes itself. */
@RestController
@RequestMapping("/api/v1/webhook-providers")
class WebhookProviderEndpoint {
  private final Providers known;
  private final OwnProviders own;
  private final ProviderTrial trial;

  WebhookProviderEndpoint(Providers known, OwnProviders own, ProviderTrial trial) {
    this.known = known;
    this.own = own;
    this.trial = trial;
  }

  /**
   * A provider whose webhooks are verified and mapped.
   *
   * @param provider its id, for {@code webhook.provider} of a source
   * @param own whether the workspace has described it itself
   * @param needs the fields of {@code webhook} that a source has to be told, with where to find
   *     them
   * @param events what its types become; all others become a track call of the type's own name
   */
  record ProviderAnswer(
      String provider,
      String title,
      boolean own,
      Map<String, String> needs,
      List<EventAnswer> events) {
    ProviderAnswer(Provider provider, boolean own) {
      this(
          provider.provider(),
          provider.title(),
          own,
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

  /**
   * How to describe a provider.
   *
   * @param definition how it signs, and what its payloads become; docs/collect/webhooks.md says
   *     what it consists of
   */
  record NewProvider(
      @Nullable @Schema(types = "object", implementation = Object.class) JsonNode definition) {
    JsonNode given() {
      if (definition == null || !definition.isObject()) {
        throw Problem.invalid("definition", "required", "must be an object");
      }
      return definition;
    }

    Provider checked() {
      return OwnProviders.checked(given());
    }
  }

  /**
   * A provider with its definition.
   *
   * @param own whether the workspace has described it itself
   * @param definition how it signs, and what its payloads become
   * @param createdAt of an own one
   * @param updatedAt of an own one
   */
  record DefinitionAnswer(
      String provider,
      boolean own,
      @Schema(types = "object", implementation = Object.class) JsonNode definition,
      @Nullable Instant createdAt,
      @Nullable Instant updatedAt) {
    static DefinitionAnswer from(OwnProviders.Stored stored) {
      return new DefinitionAnswer(
          stored.provider(), true, stored.tree(), stored.createdAt(), stored.updatedAt());
    }
  }

  /** The providers whose webhooks are verified and mapped; always all on one page. */
  @GetMapping
  @RequiresScope(Scopes.SOURCES_READ)
  Page<ProviderAnswer> list(Caller caller) {
    return new Page<>(
        own.all(caller.workspaceId()).stream()
            .map(each -> new ProviderAnswer(each, known.find(each.provider()).isEmpty()))
            .toList(),
        null);
  }

  /** A provider with its definition; of an own one the version is in the ETag. */
  @GetMapping("/{provider}")
  @RequiresScope(Scopes.SOURCES_READ)
  ResponseEntity<DefinitionAnswer> read(Caller caller, @PathVariable String provider) {
    Optional<JsonNode> file = known.definition(provider);
    if (file.isPresent()) {
      return ResponseEntity.ok(new DefinitionAnswer(provider, false, file.get(), null, null));
    }
    return answer(
        own.find(caller.workspaceId(), provider).orElseThrow(() -> OwnProviders.unknown(provider)));
  }

  /** Describes a provider that isn't known here, for sources of this workspace. */
  @PostMapping
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<DefinitionAnswer> create(Caller caller, @RequestBody NewProvider wanted) {
    Provider provider = wanted.checked();
    OwnProviders.Stored made = own.create(caller.workspaceId(), provider, wanted.given());
    return ResponseEntity.created(URI.create("/api/v1/webhook-providers/" + made.provider()))
        .eTag(IfMatch.etag(made.version()))
        .body(DefinitionAnswer.from(made));
  }

  /** Describes it anew; what its sources receive is judged by that within seconds. */
  @PutMapping("/{provider}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  ResponseEntity<DefinitionAnswer> replace(
      Caller caller,
      @PathVariable String provider,
      IfMatch ifMatch,
      @RequestBody NewProvider wanted) {
    Provider checked = wanted.checked();
    if (!checked.provider().equals(provider)) {
      throw Problem.invalid(
          "definition.provider", "invalid_value", "must be " + provider + ", as in the address");
    }
    return answer(own.replace(caller.workspaceId(), ifMatch, checked, wanted.given()));
  }

  /** Deletes a provider that no source has. */
  @DeleteMapping("/{provider}")
  @RequiresScope(Scopes.SOURCES_WRITE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(Caller caller, @PathVariable String provider, IfMatch ifMatch) {
    own.delete(caller.workspaceId(), provider, ifMatch);
  }

  /** Says what a request would become, and whether its signature fits; nothing is taken. */
  @PostMapping("/try")
  @RequiresScope(Scopes.SOURCES_READ)
  ProviderTrial.WebhookTrialAnswer tryOut(
      Caller caller, @RequestBody ProviderTrial.WebhookTrial wanted) {
    return trial.of(caller.workspaceId(), wanted);
  }

  private static ResponseEntity<DefinitionAnswer> answer(OwnProviders.Stored found) {
    return ResponseEntity.ok()
        .eTag(IfMatch.etag(found.version()))
        .body(DefinitionAnswer.from(found));
  }
}
