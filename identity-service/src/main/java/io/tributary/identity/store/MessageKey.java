package io.tributary.identity.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Names a message; its id is kept as the first 128 bits of its SHA-256. */
public record MessageKey(String workspaceId, UUID hash) {
  /** The key of a message id. */
  public static MessageKey of(String workspaceId, String messageId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(messageId.getBytes(StandardCharsets.UTF_8));
      ByteBuffer bits = ByteBuffer.wrap(digest);
      return new MessageKey(workspaceId, new UUID(bits.getLong(), bits.getLong()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
