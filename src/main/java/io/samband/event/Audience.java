package io.samband.event;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who may see an event: everybody, or whoever has at least one of these attributes. An immutable value; two are equal if they
 * have the same attributes in the same order.
 *
 * <p>An attribute is {@code name:value}, for example {@code user:kari}, {@code role:leader} or {@code station:B12}: the name is
 * {@code [a-z][a-z0-9_]*}, the value is at least one printable character, without spaces and commas.
 */
public final class Audience {
  /** Every subscriber that takes the type of the event. */
  public static final Audience EVERYBODY = new Audience(List.of(), false);

  /** No subscriber at all: what a node takes for the audience if it cannot read the one that is stored. */
  public static final Audience NOBODY = new Audience(List.of(), true);

  /** Attributes of one audience. Each is looked up when the event is delivered, so their number is bounded. */
  public static final int MAX_ATTRIBUTES = 16;

  /** The length of an attribute, in UTF-16 units as {@link String#length()} counts them. */
  public static final int MAX_LENGTH = 128;

  private final List<String> attributes;
  private final boolean nobody;

  private Audience(List<String> attributes, boolean nobody) {
    this.attributes = attributes;
    this.nobody = nobody;
  }

  /**
   * An audience of attributes; repeated ones count once.
   *
   * @param attributes 1 to 16
   * @return whoever has at least one of them
   * @throws IllegalArgumentException if there is none, there are more than 16, or one is not well-formed or null
   */
  public static Audience of(String... attributes) {
    return of(attributes == null ? List.of() : Arrays.asList(attributes));
  }

  /**
   * As {@link #of(String...)}.
   *
   * @param attributes 1 to 16
   * @return whoever has at least one of them
   */
  public static Audience of(Collection<String> attributes) {
    Set<String> distinct = new LinkedHashSet<>();
    for (String attribute : attributes) {
      if (!isAttribute(attribute)) {
        throw new IllegalArgumentException(
            "an attribute of an audience must be a name [a-z][a-z0-9_]*, a colon, and printable"
                + " characters without spaces and commas, at most " + MAX_LENGTH
                + " characters in all");
      }
      distinct.add(attribute);
    }
    if (distinct.isEmpty() || distinct.size() > MAX_ATTRIBUTES) {
      throw new IllegalArgumentException("an audience must have 1 to " + MAX_ATTRIBUTES
          + " attributes; an event for everybody has no audience");
    }
    return new Audience(List.copyOf(distinct), false);
  }

  /**
   * Reads the attributes that {@link #toString()} has written.
   *
   * @param text may be null
   * @return the audience, or {@link #NOBODY} if the text is anything else, so that an event is never shown to more subscribers than it was
   *     meant for
   */
  public static Audience parse(String text) {
    try {
      // With a limit, because without one the empty attributes at the end would be dropped.
      return text == null ? NOBODY : ofDistinct(Arrays.asList(text.split(",", -1)));
    } catch (IllegalArgumentException e) {
      return NOBODY;
    }
  }

  private static Audience ofDistinct(List<String> attributes) {
    Audience audience = of(attributes);
    return audience.attributes.size() == attributes.size() ? audience : NOBODY;
  }

  /**
   * Whether this can be an attribute of an audience or of an identity.
   *
   * @param text may be null
   * @return false for null, too
   */
  public static boolean isAttribute(String text) {
    if (text == null || text.length() > MAX_LENGTH) {
      return false;
    }
    int colon = text.indexOf(':');
    return colon > 0
        && colon < text.length() - 1
        && isName(text.substring(0, colon))
        && text.codePoints().skip(colon + 1L).allMatch(Audience::isPrintable);
  }

  private static boolean isName(String text) {
    return text.charAt(0) >= 'a'
        && text.charAt(0) <= 'z'
        && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  }

  // What looks like nothing, or turns the direction of the text around it, could pass for another
  // attribute in a list of what was sent to whom.
  private static boolean isPrintable(int c) {
    return c != ','
        && switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.SPACE_SEPARATOR,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR -> false;
          default -> true;
        };
  }

  /** {@return the attributes in the order in which they were given; empty for everybody, and for nobody} */
  public List<String> attributes() {
    return attributes;
  }

  /** {@return whether the event is for everybody} */
  public boolean isEverybody() {
    return attributes.isEmpty() && !nobody;
  }

  /** {@return whether the event is shown to nobody} */
  public boolean isNobody() {
    return nobody;
  }

  /**
   * Whether an identity with these attributes is in the audience.
   *
   * @param identity all attributes of the identity
   * @return true if one of them is in the audience, or the event is for everybody
   */
  public boolean includes(Set<String> identity) {
    if (isEverybody()) {
      return true;
    }
    for (String attribute : attributes) {
      if (identity.contains(attribute)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Audience that
        && nobody == that.nobody
        && attributes.equals(that.attributes);
  }

  @Override
  public int hashCode() {
    return attributes.hashCode();
  }

  /** The attributes, separated by commas. */
  @Override
  public String toString() {
    return String.join(",", attributes);
  }
}
