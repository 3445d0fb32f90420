package org.hikyaku.main;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Query;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Messages as an operator names them: ids, {@code -}, or a query, which is checked before the server is asked. */
final class Which {
    private static final int ID_LINE_MAX = 100;
    private static final int IDS_MAX = 50_000;

    @Parameters(paramLabel = "ID|QUERY", arity = "0..*", description = "Messages: ids, - or a query.")
    private List<String> words = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /** @param standard the query when none is given; null: there must be one */
    ControlRequest request(String name, @Nullable String standard) {
        String by = ServerOption.asker();
        if (words.equals(List.of("-"))) {
            return new ControlRequest(name, by, stdin(), null, null);
        }
        if (!words.isEmpty()
                && words.stream().allMatch(word -> SpoolId.parse(word).isPresent())) {
            return new ControlRequest(name, by, words, null, null);
        }
        String query = words.isEmpty() ? standard : String.join(" ", words);
        if (query == null) {
            throw wrong("name messages by their ids or by a query; all is every message");
        }
        if (Query.parse(query) instanceof Query.Parsed.Wrong wrong) {
            throw wrong(asks(query) ? wrong.shown(query) : noId() + ": neither the id of a message nor a query");
        }
        return new ControlRequest(name, by, null, query, null);
    }

    /** Senders, or messages by whose senders are meant: ids or what reads as a query. */
    static ControlRequest senders(String name, List<String> words) {
        String by = ServerOption.asker();
        String query = String.join(" ", words);
        boolean ids = words.stream().allMatch(word -> SpoolId.parse(word).isPresent());
        if (ids) {
            List<String> terms = words.stream().map(id -> "id = " + id).toList();
            return new ControlRequest(name, by, null, String.join(" or ", terms), null);
        }
        return asks(query) && Query.parse(query) instanceof Query.Parsed.Good
                ? new ControlRequest(name, by, null, query, null)
                : new ControlRequest(name, by, words, null, null);
    }

    /** Whether it has an operator, so that a query is meant. */
    private static boolean asks(String words) {
        return words.chars().anyMatch(c -> "=~<>".indexOf(c) >= 0);
    }

    private String noId() {
        return words.stream()
                .filter(word -> SpoolId.parse(word).isEmpty())
                .findFirst()
                .orElse("");
    }

    private List<String> stdin() {
        List<String> ids = new ArrayList<>();
        try {
            LineReader lines = new LineReader(System.in, ID_LINE_MAX);
            for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
                ids.add(line.strip());
                if (SpoolId.parse(line.strip()).isEmpty()) {
                    throw wrong(line.strip() + ": not the id of a message");
                }
                if (ids.size() > IDS_MAX) {
                    throw wrong("more than " + IDS_MAX + " ids; divide them, or use a query");
                }
            }
        } catch (IOException e) {
            throw wrong("standard input: " + e.getMessage());
        }
        if (ids.isEmpty()) {
            throw wrong("no ids on standard input");
        }
        return ids;
    }

    private ParameterException wrong(String why) {
        return new ParameterException(command.commandLine(), "hikyaku: " + why);
    }
}
