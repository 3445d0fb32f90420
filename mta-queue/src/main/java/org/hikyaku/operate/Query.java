package org.hikyaku.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which messages. A query is asked of each unfinished recipient by himself: a message matches when one of them does. The
 * trash matches only a query that names it. Immutable.
 *
 * @param text as the operator wrote it
 * @param namesTrash whether it says {@code state = trash} somewhere
 */
public record Query(String text, Predicate<Facts> test, boolean namesTrash) {
    /** Characters of a query. */
    public static final int LENGTH_MAX = 64 * 1024;

    /** A query, or what is wrong with the text. */
    public sealed interface Parsed {
        record Good(Query query) implements Parsed {}

        /** Makes no sense, from the character in {@code column} on; the first is 1. */
        record Wrong(int column, String why) implements Parsed {
            /** The text with a mark under the wrong place. */
            public String shown(String text) {
                String line = text.replaceAll("\\p{Cntrl}", " ");
                return "column " + column + ": " + why + "\n    " + line + "\n    " + " ".repeat(column - 1) + "^";
            }
        }
    }

    /** All but the trash. */
    public static Query all() {
        return new Query("all", facts -> true, false);
    }

    public static Parsed parse(String text) {
        return QueryParser.parse(text);
    }

    /** The recipients that match, by their places. */
    public List<Integer> places(List<Facts> recipients) {
        List<Integer> places = new ArrayList<>();
        for (Facts each : recipients) {
            if ((namesTrash || each.state() != State.TRASH) && test.test(each)) {
                places.add(each.place());
            }
        }
        return places;
    }

    /** The fields, one a line, for {@code --help}. */
    public static List<String> help() {
        return Stream.of(Field.values())
                .map(field -> String.format("%-14s%s", field.label(), field.help))
                .toList();
    }
}
