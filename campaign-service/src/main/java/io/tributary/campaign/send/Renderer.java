package io.tributary.campaign.send;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.campaign.admin.Definition.Message;
import io.tributary.campaign.mail.Mail;
import io.tributary.campaign.store.ProfileReader.Person;
import io.tributary.campaign.template.Escaping;
import io.tributary.campaign.template.LiquidTemplate;
import io.tributary.campaign.template.RenderException;
import io.tributary.campaign.track.Links;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a message of a campaign's templates and a person's data. */
public final class Renderer {
  private static final int LONGEST_SUBJECT = 998;
  private static final int MOST_TEMPLATES = 1_000;
  private final Links links;
  private final Tracking tracking;
  private final String mailHost;
  private final Cache<Source, LiquidTemplate> templates =
      Caffeine.newBuilder().maximumSize(MOST_TEMPLATES).build();

  private record Source(String text, Escaping escaping) {}

  /** A renderer of messages with these links; their host is part of message ids. */
  public Renderer(Links links, String publicUrl) {
    this.links = links;
    this.tracking = new Tracking(links);
    String host = URI.create(publicUrl).getHost();
    this.mailHost = host == null ? "localhost" : host;
  }

  /**
   * What a message is made of.
   *
   * @param tracked whether opens and clicks are told; not in test sends
   */
  public record Material(
      Links.Place place,
      String campaignId,
      String campaignName,
      String profileId,
      JsonNode traits,
      JsonNode event,
      Instant at,
      boolean tracked) {

    static Material of(Claims.Claimed claim) {
      Person person = claim.person();
      return new Material(
          new Links.Place(claim.campaign().workspaceId(), claim.deliveryId()),
          claim.campaign().id(),
          claim.campaign().name(),
          new ProfileId(person.root()).toString(),
          person.traits(),
          claim.event() == null
              ? Json.MAPPER.createObjectNode()
              : Json.MAPPER.readTree(claim.event()),
          claim.createdAt(),
          true);
    }

    @Override
    public String toString() {
      return "Material[" + place + "]";
    }
  }

  /** Renders a mail. */
  public Mail mail(Message.Email email, String to, Material material) throws RenderException {
    Map<String, @Nullable Object> variables = variables(material);
    String html = email.html() == null ? null : render(email.html(), Escaping.HTML, variables);
    return new Mail(
        messageId(material.place().deliveryId()),
        email.from(),
        to,
        subject(render(email.subject(), Escaping.NONE, variables)),
        html == null || !material.tracked() ? html : tracking.track(html, material.place()),
        email.text() == null ? null : render(email.text(), Escaping.NONE, variables),
        links.unsubscribe(material.place()));
  }

  /** The Message-ID of a delivery: always the same one. */
  public String messageId(String deliveryId) {
    return "<" + deliveryId + "@" + mailHost + ">";
  }

  /** Renders the body of a webhook, which must be JSON in the end. */
  public byte[] webhook(Message.Webhook webhook, Material material) throws RenderException {
    if (webhook.body() == null) {
      return Json.MAPPER.writeValueAsBytes(envelope(material));
    }
    String body = render(webhook.body(), Escaping.JSON, variables(material));
    try {
      Json.MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw RenderException.because("the rendered body isn't valid JSON");
    }
    return body.getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode envelope(Material material) {
    ObjectNode envelope =
        Json.MAPPER
            .createObjectNode()
            .put("type", "campaign.message")
            .put("timestamp", material.at().toString());
    ObjectNode data = envelope.putObject("data");
    data.put("deliveryId", material.place().deliveryId());
    data.put("campaignId", material.campaignId()).put("campaignName", material.campaignName());
    data.put("profileId", material.profileId()).set("traits", material.traits());
    if (!material.event().isEmpty()) {
      data.set("event", material.event());
    }
    return envelope;
  }

  private String render(String source, Escaping escaping, Map<String, @Nullable Object> variables)
      throws RenderException {
    return templates
        .get(
            new Source(source, escaping),
            key -> LiquidTemplate.compiled(key.text(), key.escaping()))
        .render(variables);
  }

  private Map<String, @Nullable Object> variables(Material material) {
    Map<String, @Nullable Object> profile = new HashMap<>(Variables.map(material.traits()));
    profile.put("id", material.profileId());
    Map<String, @Nullable Object> variables = new HashMap<>();
    variables.put("profile", profile);
    variables.put("event", Variables.map(material.event()));
    variables.put("campaign", Map.of("id", material.campaignId(), "name", material.campaignName()));
    variables.put("unsubscribe_url", links.unsubscribe(material.place()));
    return variables;
  }

  /** A header is one line. */
  private static String subject(String rendered) {
    String line = rendered.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ").strip();
    return line.length() <= LONGEST_SUBJECT ? line : line.substring(0, LONGEST_SUBJECT);
  }
}
