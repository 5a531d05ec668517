package io.tributary.identity.resolve;

import java.util.Comparator;

/**
 * Something that names a person within a workspace, in its normal form.
 *
 * @param type {@code userId}, {@code email}, {@code phone}, {@code external:<type>} or {@code
 *     anonymousId}
 */
public record Identifier(String workspaceId, String type, String value)
    implements Comparable<Identifier> {
  /** The name that a source's own system gives to a person. */
  public static final String USER_ID = "userId";

  /** An e-mail address. */
  public static final String EMAIL = "email";

  /** A telephone number in E.164 form. */
  public static final String PHONE = "phone";

  /** A device or browser; the only kind that may change hands over time. */
  public static final String ANONYMOUS_ID = "anonymousId";

  /** What the types of {@code context.externalIds} begin with. */
  public static final String EXTERNAL = "external:";

  /** Stands for whom an event that names only a group is about. */
  public static final String GROUP = EXTERNAL + "group";

  private static final Comparator<Identifier> BY_PRIORITY =
      Comparator.comparingInt(Identifier::rank)
          .thenComparing(Identifier::type)
          .thenComparing(Identifier::value)
          .thenComparing(Identifier::workspaceId);

  /** Whether several profiles may hold it, each from a time on. */
  public boolean isHeldOverTime() {
    return type.equals(ANONYMOUS_ID);
  }

  boolean isUserId() {
    return type.equals(USER_ID);
  }

  private int rank() {
    return switch (type) {
      case USER_ID -> 0;
      case EMAIL -> 1;
      case PHONE -> 2;
      case ANONYMOUS_ID -> 4;
      default -> 3;
    };
  }

  /** The strongest first. */
  @Override
  public int compareTo(Identifier other) {
    return BY_PRIORITY.compare(this, other);
  }
}
