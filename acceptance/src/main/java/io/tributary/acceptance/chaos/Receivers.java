package io.tributary.acceptance.chaos;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tributary.demo.Api;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mail server and a receiver of webhooks. Both fail now and then: a connection breaks, the
 * receiver says 500 or 429 to the first attempt, or takes a webhook and doesn't answer.
 */
final class Receivers implements Closeable {
  private static final Pattern LINK = Pattern.compile("<(http[^>]+)>");
  private final GreenMail mail;
  private final HttpServer hooks;
  private final TcpProxy mailNet;
  private final TcpProxy hookNet;
  private final Set<String> refusedOnce = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<Receipt> receipts = new ConcurrentLinkedQueue<>();

  /**
   * A message that came.
   *
   * @param channel {@code email} or {@code webhook}
   * @param order what the message is about
   * @param address of the mail; empty for a webhook
   * @param answered whether the receiver said yes to it
   * @param past whether it came before the database was put back
   */
  record Receipt(String channel, String order, String address, boolean answered, boolean past) {
    Receipt(String channel, String order, String address, boolean answered) {
      this(channel, order, address, answered, false);
    }

    private Receipt ofThePast() {
      return new Receipt(channel, order, address, answered, true);
    }
  }

  Receivers(long seed) throws IOException {
    this.mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    this.hooks = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    hooks.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    hooks.createContext("/", this::receive);
    hooks.start();
    this.mailNet = new TcpProxy(0, () -> mail.getSmtp().getPort());
    this.hookNet = new TcpProxy(0, () -> hooks.getAddress().getPort());
    Random random = new Random(seed);
    mailNet.endEarly(() -> random.nextInt(40) == 0);
  }

  /** The mail server's port. */
  int mailPort() {
    return mailNet.port();
  }

  /** Where webhooks go. */
  String hookUrl() {
    return "http://127.0.0.1:" + hookNet.port() + "/hook";
  }

  /** Whether both can't be reached. */
  void away(boolean on) {
    mailNet.refuse(on);
    hookNet.refuse(on);
    if (on) {
      mailNet.cut();
      hookNet.cut();
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String id = String.valueOf(exchange.getRequestHeaders().getFirst("webhook-id"));
    int dice = Math.floorMod(id.hashCode(), 100);
    if (dice < 10 && refusedOnce.add(id)) {
      answer(exchange, dice < 5 ? 500 : 429);
      return;
    }
    String order = Api.MAPPER.readTree(body).path("order").asString("");
    if (dice > 97) {
      receipts.add(new Receipt("webhook", order, "", false));
      exchange.close();
      return;
    }
    receipts.add(new Receipt("webhook", order, "", true));
    answer(exchange, 200);
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  /** The database was put back: what came so far came in a life that it doesn't know in full. */
  void restored() {
    List<Receipt> past = receipts.stream().map(Receipt::ofThePast).toList();
    receipts.clear();
    receipts.addAll(past);
  }

  /** Everything that came. */
  List<Receipt> receipts() {
    List<Receipt> all = new ArrayList<>(receipts);
    try {
      for (MimeMessage message : mail.getReceivedMessages()) {
        String to = message.getRecipients(Message.RecipientType.TO)[0].toString();
        all.add(new Receipt("email", message.getSubject(), to, true));
      }
    } catch (MessagingException e) {
      throw new IllegalStateException("a received mail can't be read", e);
    }
    return all;
  }

  /** The one-click link of some mail to an address, if one came. */
  Optional<String> unsubscribeLink(String address) {
    try {
      for (MimeMessage message : mail.getReceivedMessages()) {
        String to = message.getRecipients(Message.RecipientType.TO)[0].toString();
        String[] links = message.getHeader("List-Unsubscribe");
        if (to.equals(address) && links != null) {
          Matcher link = LINK.matcher(links[0]);
          if (link.find()) {
            return Optional.of(link.group(1));
          }
        }
      }
    } catch (MessagingException e) {
      throw new IllegalStateException("a received mail can't be read", e);
    }
    return Optional.empty();
  }

  /** What the product has to be told to reach both. */
  Map<String, String> settings() {
    return Map.of(
        "TRIBUTARY_SMTP_HOST",
        "127.0.0.1",
        "TRIBUTARY_SMTP_PORT",
        String.valueOf(mailPort()),
        "TRIBUTARY_WEBHOOK_ALLOW_PRIVATE",
        "127.0.0.1:" + hookNet.port());
  }

  @Override
  public void close() throws IOException {
    mailNet.close();
    hookNet.close();
    hooks.stop(0);
    mail.stop();
  }
}
