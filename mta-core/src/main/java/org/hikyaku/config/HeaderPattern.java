package org.hikyaku.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A field of a message's header: {@code List-Id}, whatever it says, or {@code Precedence: ^bulk}, in whose unfolded text the
 * pattern is found. No case. Equal when written alike.
 *
 * <p><i>Failure:</i> {@link #parse} is empty for what is neither.
 */
public final class HeaderPattern {
    private static final int LENGTH_MAX = 1_000;

    private final String text;
    private final String name;
    private final Pattern pattern;

    private HeaderPattern(String text, String name, Pattern pattern) {
        this.text = text;
        this.name = name;
        this.pattern = pattern;
    }

    public static Optional<HeaderPattern> parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        if (text.length() > LENGTH_MAX || !name.matches("[!-9;-~]{1,76}")) { // ftext, RFC 5322 3.6.8
            return Optional.empty();
        }
        try {
            String wanted = colon < 0 ? "" : text.substring(colon + 1).strip();
            return Optional.of(new HeaderPattern(
                    text, name.toLowerCase(Locale.ROOT), Pattern.compile(wanted, Pattern.CASE_INSENSITIVE)));
        } catch (PatternSyntaxException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether this field is meant.
     *
     * @param field its name, in small letters
     * @param value unfolded
     */
    public boolean fits(String field, String value) {
        return name.equals(field) && pattern.matcher(value).find();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HeaderPattern pattern && text.equals(pattern.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
