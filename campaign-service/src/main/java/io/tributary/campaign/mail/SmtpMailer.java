package io.tributary.campaign.mail;

import io.tributary.campaign.journey.SendResult;
import io.tributary.campaign.mail.SmtpConnection.Phase;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.time.Clock;
import java.util.Date;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends mails, one conversation each, and says truly what became of them. */
public final class SmtpMailer {
  private static final Pattern ENHANCED =
      Pattern.compile("(?:^|\\s)([245]\\.\\d{1,3}\\.\\d{1,3})\\b");
  private static final Logger LOG = LoggerFactory.getLogger(SmtpMailer.class);
  private final SmtpSettings settings;
  private final Session session;
  private final Clock clock;

  /** A mailer for this server. */
  public SmtpMailer(SmtpSettings settings, Clock clock) {
    this.settings = settings;
    this.session = Session.getInstance(settings.properties());
    this.clock = clock;
  }

  /** Sends one mail. */
  public SendResult send(Mail mail) {
    MimeMessage message;
    InternetAddress to;
    try {
      message = message(mail);
      to = new InternetAddress(mail.to(), true);
    } catch (MessagingException | IllegalArgumentException e) {
      return new SendResult.Impossible("invalid_message", "");
    }
    SmtpConnection connection = new SmtpConnection(session);
    try {
      return converse(connection, message, to);
    } finally {
      close(connection);
    }
  }

  /** Whatever happens here, what became of the message is settled. */
  private static void close(SmtpConnection connection) {
    try {
      connection.close();
    } catch (MessagingException e) {
      LOG.debug("smtp action=close outcome=failed cause={}", e.getClass().getSimpleName());
    }
  }

  private SendResult converse(SmtpConnection connection, MimeMessage message, InternetAddress to) {
    try {
      connection.connect(
          settings.host(), settings.port(), settings.username(), settings.password());
      connection.sendMessage(message, new InternetAddress[] {to});
      return new SendResult.Accepted(Integer.toString(connection.getLastReturnCode()));
    } catch (AuthenticationFailedException e) {
      return new SendResult.Deferred("authentication_failed", "");
    } catch (MessagingException e) {
      return failure(connection.phase(), e);
    }
  }

  /** What an error means depends on how far the conversation had come. */
  private static SendResult failure(Phase phase, MessagingException failure) {
    Answer answer = Answer.of(failure);
    if (answer == null) {
      return phase == Phase.END_OF_DATA
          ? new SendResult.Unknown("no_answer", "connection lost after the end of the data")
          : new SendResult.Deferred(
              phase == Phase.CONNECT ? "connection_refused" : "connection_lost", "");
    }
    if (answer.code() / 100 != 5) {
      return new SendResult.Deferred("refused_for_now", answer.text());
    }
    return switch (phase) {
      case CONNECT, SENDER -> new SendResult.Impossible("sender_refused", answer.text());
      case RECIPIENT ->
          new SendResult.Refused("recipient_refused", answer.text(), answer.address());
      case DATA, END_OF_DATA ->
          new SendResult.Refused(
              "message_refused", answer.text(), answer.enhanced().startsWith("5.1."));
    };
  }

  /** The server's answer, without its text, which may hold the address. */
  private record Answer(int code, String enhanced) {
    static @Nullable Answer of(MessagingException failure) {
      for (Exception e = failure; e != null; e = next(e)) {
        if (e instanceof SMTPAddressFailedException address) {
          return of(address.getReturnCode(), address.getMessage());
        }
      }
      for (Exception e = failure; e != null; e = next(e)) {
        if (e instanceof SMTPSendFailedException send && send.getReturnCode() > 0) {
          return of(send.getReturnCode(), send.getMessage());
        }
      }
      return null;
    }

    private static @Nullable Exception next(Exception e) {
      return e instanceof MessagingException messaging ? messaging.getNextException() : null;
    }

    private static @Nullable Answer of(int code, @Nullable String message) {
      if (code < 200) {
        return null;
      }
      Matcher enhanced = ENHANCED.matcher(message == null ? "" : message);
      return new Answer(code, enhanced.find() ? enhanced.group(1) : "");
    }

    /** Whether a refused recipient is the address's fault and not that of a policy or a route. */
    boolean address() {
      return enhanced.isEmpty() || enhanced.startsWith("5.1.") || enhanced.startsWith("5.2.1");
    }

    String text() {
      return enhanced.isEmpty() ? Integer.toString(code) : code + " " + enhanced;
    }
  }

  private MimeMessage message(Mail mail) throws MessagingException {
    MimeMessage message = new IdentifiedMessage(session, mail.messageId());
    message.setFrom(Sender.parse(mail.from()));
    message.setRecipient(Message.RecipientType.TO, new InternetAddress(mail.to(), true));
    message.setSubject(mail.subject(), "UTF-8");
    message.setSentDate(Date.from(clock.instant()));
    message.setHeader("List-Unsubscribe", "<" + mail.unsubscribeUrl() + ">");
    message.setHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    if (mail.html() == null) {
      message.setText(mail.text(), "UTF-8");
    } else if (mail.text() == null) {
      message.setContent(mail.html(), "text/html; charset=UTF-8");
    } else {
      MimeMultipart both = new MimeMultipart("alternative");
      both.addBodyPart(part(mail.text(), "text/plain; charset=UTF-8"));
      both.addBodyPart(part(mail.html(), "text/html; charset=UTF-8"));
      message.setContent(both);
    }
    message.saveChanges();
    return message;
  }

  private static MimeBodyPart part(String content, String type) throws MessagingException {
    MimeBodyPart part = new MimeBodyPart();
    part.setContent(content, type);
    return part;
  }

  /** Keeps the given Message-ID, which the library would replace by one of its own. */
  private static final class IdentifiedMessage extends MimeMessage {
    private final String id;

    IdentifiedMessage(Session session, String id) {
      super(session);
      this.id = id;
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }
}
