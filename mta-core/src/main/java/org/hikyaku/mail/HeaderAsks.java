package org.hikyaku.mail;

import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a message's header asks of the servers that carry it. Pure.
 *
 * @param priority MT-Priority (RFC 6758 4); empty when there is none, more than one, or one that cannot be read
 * @param tlsOptional TLS-Required says No (RFC 8689 3)
 * @param solicitation the classes that Solicitation names (RFC 3865 2.5), separated by commas; empty when it cannot be read
 */
public record HeaderAsks(OptionalInt priority, boolean tlsOptional, String solicitation) {
    /** Nothing. */
    public static final HeaderAsks NONE = new HeaderAsks(OptionalInt.empty(), false, "");

    /** The fields that {@link #with} reads, in lower case. */
    static final List<String> FIELDS = List.of("mt-priority", "tls-required", "solicitation");

    private static final String COMMENT = "\\s*(?:\\([^()]*\\)\\s*)?";
    private static final Pattern PRIORITY = Pattern.compile(COMMENT + "(0|-?[1-9])" + COMMENT);
    private static final int SOLICITATION_MAX = 1000;
    private static final Pattern SOLICITATION =
            Pattern.compile("[A-Za-z][A-Za-z0-9._:-]*+(?:,[A-Za-z][A-Za-z0-9._:-]*+)*+");
    /** No single priority is said: there were two. */
    private static final OptionalInt UNCLEAR = OptionalInt.of(Integer.MIN_VALUE);

    /** With one more field. */
    HeaderAsks with(String field, String value) {
        return switch (field) {
            case "mt-priority" ->
                new HeaderAsks(priority.isPresent() ? UNCLEAR : read(value), tlsOptional, solicitation);
            case "tls-required" ->
                new HeaderAsks(priority, tlsOptional || value.strip().equalsIgnoreCase("No"), solicitation);
            case "solicitation" -> new HeaderAsks(priority, tlsOptional, and(solicitation, value.strip()));
            default -> this;
        };
    }

    /** Once all fields were seen. */
    HeaderAsks whole() {
        return priority.equals(UNCLEAR) ? new HeaderAsks(OptionalInt.empty(), tlsOptional, solicitation) : this;
    }

    private static String and(String before, String more) {
        String all = before.isEmpty() ? more : before + "," + more;
        return areSolicitations(all) ? all : before;
    }

    /** RFC 3865 2.2: words separated by commas, 1000 letters at most. */
    public static boolean areSolicitations(String words) {
        return words.length() <= SOLICITATION_MAX && SOLICITATION.matcher(words).matches();
    }

    private static OptionalInt read(String value) {
        Matcher matcher = PRIORITY.matcher(value);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : UNCLEAR;
    }
}
