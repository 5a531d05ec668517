package io.tributary.demo;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.util.Map;
import java.util.TreeMap;

/** An SMTP server on loopback that keeps what it gets. */
final class MailSink implements AutoCloseable {
  private final GreenMail server;

  MailSink(int port) {
    ServerSetup setup = new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
    setup.setServerStartupTimeout(10_000);
    this.server = new GreenMail(setup);
    server.start();
  }

  int count() {
    return server.getReceivedMessages().length;
  }

  /** How many mails each address got. */
  Map<String, Integer> perAddress() {
    Map<String, Integer> counts = new TreeMap<>();
    try {
      for (MimeMessage message : server.getReceivedMessages()) {
        for (Address address : message.getRecipients(Message.RecipientType.TO)) {
          counts.merge(address.toString(), 1, Integer::sum);
        }
      }
    } catch (MessagingException e) {
      throw new DemoFailure("a received mail can't be read: " + e.getMessage());
    }
    return counts;
  }

  @Override
  public void close() {
    server.stop();
  }
}
