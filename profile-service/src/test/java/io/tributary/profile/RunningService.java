package io.tributary.profile;

import io.tributary.access.Secrets;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.testing.TestKafka;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** The whole service over a store, with neighbours that publish what a test writes. */
public final class RunningService implements AutoCloseable {
  private static final String NEIGHBOURS =
      """
      create schema access;
      create table access.v_token (token_hash bytea, workspace_id text, token_id text, scopes text[],
                                   expires_at timestamptz, revoked_at timestamptz);
      create schema identity;
      create table identity.v_identifier (workspace_id text, type text, value text, profile_id uuid,
        valid_from timestamptz default '-infinity', source_id text default 'src_1', first_message_id text default 'm0',
        created_at timestamptz default now());
      create table identity.v_duplicate (workspace_id text, message_id text, partition int, position bigint,
        first_partition int, first_position bigint);
      create table identity.v_control_total (consumer text, partition int, outcome text, total bigint);
      create table identity.v_quarantine (id text, workspace_id text, stage text, message_id text, reasons jsonb,
        topic text, partition int default 0, at timestamptz default now());
      create schema segment;
      create table segment.v_membership (workspace_id text, profile_id uuid, segment_id text);
      create table segment.v_crossing (workspace_id text, segment_id text, profile_id uuid, change text,
        at timestamptz default now(), reason text default 'event', message_id text, change_id text);
      create schema campaign;
      create table campaign.v_trigger (workspace_id text, delivery_id text, campaign_id text, profile_id uuid,
        trigger_key text, channel text default 'email', state text default 'sent', outcome text,
        created_at timestamptz default now(), finished_at timestamptz);
      create schema ingestion;
      create table identity.v_privacy_receipt (workspace_id text, request_id text, done_at timestamptz);
      create table segment.v_privacy_receipt (workspace_id text, request_id text, done_at timestamptz);
      create table campaign.v_privacy_receipt (workspace_id text, request_id text, done_at timestamptz);
      create table ingestion.v_privacy_receipt (workspace_id text, request_id text, done_at timestamptz);
      """;

  public final ProfileFixture store = new ProfileFixture();
  private final ConfigurableApplicationContext context;
  private final HttpClient http = HttpClient.newHttpClient();

  public RunningService() {
    store.sql.sql(NEIGHBOURS).update();
    List<String> arguments = new ArrayList<>();
    store.database.properties().forEach((key, value) -> arguments.add("--" + key + "=" + value));
    arguments.add("--TRIBUTARY_KAFKA_BOOTSTRAP=" + TestKafka.bootstrapServers());
    arguments.add("--TRIBUTARY_PROFILE_PORT=0");
    arguments.add("--TRIBUTARY_PARTITIONS=2");
    context = ProfileApplication.application().run(arguments.toArray(String[]::new));
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  public String token(String workspaceId, String... scopes) {
    String token = Secrets.token();
    store
        .sql
        .sql("insert into access.v_token values (?, ?, 'tok_1', ?, null, null)")
        .param(Secrets.hash(token))
        .param(workspaceId)
        .param(scopes)
        .update();
    return token;
  }

  public void identifier(String type, String value, ProfileId home) {
    store
        .sql
        .sql(
            "insert into identity.v_identifier (workspace_id, type, value, profile_id) values (?, ?, ?, ?)")
        .params(ProfileFixture.WORKSPACE, type, value, home.uuid())
        .update();
  }

  /** An answer. */
  public record Answer(int status, String text, HttpResponse<String> response) {
    public JsonNode json() {
      return Json.MAPPER.readTree(text);
    }

    public String at(String pointer) {
      return json().at(pointer).asString();
    }
  }

  public Answer get(String token, String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).GET();
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(token, request);
  }

  public Answer post(String token, String path, String body) {
    return send(
        token,
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private URI uri(String path) {
    String port = context.getEnvironment().getProperty("local.server.port");
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private Answer send(String token, HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          http.send(
              request.header("Authorization", "Bearer " + token).build(),
              HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
