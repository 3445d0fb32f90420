package org.hikyaku.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.hikyaku.config.Nearest;

/**
 * Reads a query: {@code or} binds least, then {@code and}, then {@code not}; a term is {@code field operator value}. Pure.
 *
 * <p><i>Failure:</i> the first thing that is wrong, with its column.
 */
final class QueryParser {
    private static final int DEPTH_MAX = 100;
    private static final Set<String> WORDS = Set.of("and", "or", "not", "all");

    private final String text;
    private int at;
    private int depth;
    private boolean namesTrash;

    private QueryParser(String text) {
        this.text = text;
    }

    /** Ends the reading at what is wrong. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;
        final int column;

        Wrong(int at, String why) {
            super(why, null, false, false);
            this.column = at + 1;
        }
    }

    static Query.Parsed parse(String text) {
        if (text.length() > Query.LENGTH_MAX) {
            return new Query.Parsed.Wrong(1, "a query has at most " + Query.LENGTH_MAX + " characters");
        }
        QueryParser parser = new QueryParser(text);
        try {
            Predicate<Facts> test = parser.either();
            parser.space();
            if (parser.at < text.length()) {
                throw new Wrong(parser.at, text.charAt(parser.at) == ')' ? "no ( for this )" : "and, or, or the end");
            }
            return new Query.Parsed.Good(new Query(text.strip(), test, parser.namesTrash));
        } catch (Wrong e) {
            return new Query.Parsed.Wrong(e.column, String.valueOf(e.getMessage()));
        }
    }

    private Predicate<Facts> either() throws Wrong {
        List<Predicate<Facts>> some = new ArrayList<>(List.of(both()));
        while (takes("or")) {
            some.add(both());
        }
        return some.size() == 1 ? some.getFirst() : facts -> some.stream().anyMatch(each -> each.test(facts));
    }

    private Predicate<Facts> both() throws Wrong {
        List<Predicate<Facts>> some = new ArrayList<>(List.of(one()));
        while (takes("and")) {
            some.add(one());
        }
        return some.size() == 1 ? some.getFirst() : facts -> some.stream().allMatch(each -> each.test(facts));
    }

    private Predicate<Facts> one() throws Wrong {
        space();
        int start = at;
        if (++depth > DEPTH_MAX) {
            throw new Wrong(start, "nested too deep");
        }
        try {
            if (takes("not")) {
                return one().negate();
            }
            if (at < text.length() && text.charAt(at) == '(') {
                at++;
                Predicate<Facts> inner = either();
                space();
                if (at >= text.length() || text.charAt(at) != ')') {
                    throw new Wrong(at, "a ) for the ( of column " + (start + 1));
                }
                at++;
                return inner;
            }
            return takes("all") ? facts -> true : term();
        } finally {
            depth--;
        }
    }

    private Predicate<Facts> term() throws Wrong {
        int start = at;
        String word = word();
        if (word.isEmpty()) {
            throw new Wrong(start, at >= text.length() ? "a term is missing here" : "a field is expected here");
        }
        Optional<Field> field = Field.parse(word);
        if (field.isEmpty()) {
            throw new Wrong(start, unknown(word));
        }
        space();
        int operatorAt = at;
        String operator = operator();
        if (operator.isEmpty()) {
            throw new Wrong(operatorAt, "one of " + Terms.operators(field.get()) + " is expected after " + word);
        }
        if (!Terms.operators(field.get()).contains(operator)) {
            throw new Wrong(
                    operatorAt,
                    field.get().label() + " is compared by " + String.join(" ", Terms.operators(field.get())));
        }
        space();
        int valueAt = at;
        String value = value();
        namesTrash |= field.get() == Field.STATE && operator.equals("=") && value.equalsIgnoreCase("trash");
        Terms.Made made = Terms.make(field.get(), operator, value);
        return switch (made) {
            case Terms.Made.Good(Predicate<Facts> test) -> test;
            case Terms.Made.Bad(String why) -> throw new Wrong(valueAt, why);
        };
    }

    private static String unknown(String word) {
        List<String> known = new ArrayList<>(Field.labels());
        known.addAll(List.of("and", "or", "not", "all"));
        return Nearest.to(word.toLowerCase(Locale.ROOT), known)
                .map(near -> "no field " + word + "; did you mean " + near + "?")
                .orElse("no field " + word + "; there are " + String.join(", ", Field.labels()));
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    /** Takes one of the words that are no fields, if it is the next. */
    private boolean takes(String keyword) {
        space();
        int before = at;
        String word = word().toLowerCase(Locale.ROOT);
        if (WORDS.contains(word) && word.equals(keyword)) {
            return true;
        }
        at = before;
        return false;
    }

    private String word() {
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_' || text.charAt(at) == '-')) {
            at++;
        }
        return text.substring(start, at);
    }

    private String operator() {
        for (String each : List.of("!=", "!~", "<=", ">=", "=", "~", "<", ">")) {
            if (text.startsWith(each, at)) {
                at += each.length();
                return each;
            }
        }
        return "";
    }

    /** Up to a space or a closing parenthesis; in quotes anything, with a backslash before a quote or a backslash. */
    private String value() throws Wrong {
        int start = at;
        char quote = at < text.length() ? text.charAt(at) : ' ';
        if (quote != '"' && quote != '\'') {
            while (at < text.length() && !Character.isWhitespace(text.charAt(at)) && text.charAt(at) != ')') {
                at++;
            }
            if (at == start) {
                throw new Wrong(start, "a value is missing here");
            }
            return text.substring(start, at);
        }
        StringBuilder out = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return out.toString();
            }
            if (c == '\\' && at + 1 < text.length() && (text.charAt(at + 1) == quote || text.charAt(at + 1) == '\\')) {
                c = text.charAt(++at);
            }
            out.append(c);
        }
        throw new Wrong(start, "the quote is not closed");
    }
}
