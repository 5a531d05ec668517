package io.tributary.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.access.Secrets;
import io.tributary.event.Json;
import io.tributary.event.ProfileChange;
import io.tributary.event.Topics;
import io.tributary.stream.KafkaClients;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * The whole service with a real log and database, beside neighbours that publish what a test
 * writes.
 */
public final class RunningService implements AutoCloseable {
  private static final String ACCESS =
      """
      create schema access;
      create table access.v_token (token_hash bytea, workspace_id text, token_id text, scopes text[],
                                   expires_at timestamptz, revoked_at timestamptz);
      """;

  public final TestDatabase database = TestPostgres.freshDatabase();
  public final JdbcClient sql = JdbcClient.create(database.dataSource());
  private final ConfigurableApplicationContext context;
  public final KafkaClients clients;
  private final Producer<byte[], byte[]> producer;
  private final HttpClient http = HttpClient.newHttpClient();

  public RunningService() {
    sql.sql(ACCESS).update();
    sql.sql(fixture()).update();
    List<String> arguments = new ArrayList<>();
    database.properties().forEach((key, value) -> arguments.add("--" + key + "=" + value));
    arguments.add("--TRIBUTARY_KAFKA_BOOTSTRAP=" + TestKafka.bootstrapServers());
    arguments.add("--TRIBUTARY_SEGMENT_PORT=0");
    arguments.add("--TRIBUTARY_PARTITIONS=2");
    context = SegmentApplication.application().run(arguments.toArray(String[]::new));
    clients = context.getBean(KafkaClients.class);
    producer = clients.producer("test");
  }

  private static String fixture() {
    try (InputStream in = RunningService.class.getResourceAsStream("/profile-fixture.sql")) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public String token(String workspaceId, String... scopes) {
    String token = Secrets.token();
    sql.sql("insert into access.v_token values (?, ?, 'tok_1', ?, null, null)")
        .param(Secrets.hash(token))
        .param(workspaceId)
        .param(scopes)
        .update();
    return token;
  }

  /**
   * Puts the change on the topic, as profile-service would, and waits until the stage has applied
   * it: a segment made after that can't be entered by it.
   */
  public void emit(ProfileChange change) throws Exception {
    RecordMetadata record =
        producer
            .send(
                new ProducerRecord<>(
                    Topics.PROFILE_CHANGES,
                    change.key().toString().getBytes(StandardCharsets.UTF_8),
                    change.encode()))
            .get();
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          OffsetAndMetadata read =
              clients
                  .admin()
                  .listConsumerGroupOffsets("segment")
                  .partitionsToOffsetAndMetadata()
                  .get()
                  .get(partition);
          return read != null && read.offset() > record.offset();
        });
  }

  /** An answer. */
  public record Answer(int status, String text, HttpResponse<String> response) {
    public JsonNode json() {
      return Json.MAPPER.readTree(text);
    }

    public String at(String pointer) {
      return json().at(pointer).asString();
    }

    public String etag() {
      return response.headers().firstValue("ETag").orElse("");
    }
  }

  public Answer call(String token, String method, String path, String body, String... headers) {
    String port = context.getEnvironment().getProperty("local.server.port");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Authorization", "Bearer " + token)
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
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
    producer.close();
    context.close();
  }
}
