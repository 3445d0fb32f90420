package org.hikyaku.it.dialog;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conformance suite: holds every dialog that asks something of any server with the one that is named:
 * {@code Conformance DIRECTORY target=host:port [local=user@domain] [user=... password=...] [submissions=host:port]...}. The
 * names are those of {@code src-it/dialogs/README.md}. Tells one line a dialog, then a table.
 *
 * <p><i>Failure:</i> ends with 1 when the server does not keep a MUST (with {@code strict=true} a SHOULD as well), with 2 when
 * it cannot be reached or an argument is wrong.
 */
public final class Conformance {
    private static final int EXCHANGE_MAX = 1200;

    private final Map<String, String> told;
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final PrintStream out;

    /** What came of a dialog. */
    enum Result {
        PASS,
        FAIL,
        NOT_APPLICABLE
    }

    /** With the reason of what is no pass. */
    record Line(Dialog dialog, Dialog.Claim claim, Result result, String reason) {}

    Conformance(Map<String, String> told, PrintStream out) {
        this.told = told;
        this.out = out;
    }

    public static void main(String[] args) {
        Map<String, String> told = new LinkedHashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals > 0) {
                told.put(arg.substring(0, equals), arg.substring(equals + 1));
            }
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            System.exit(new Conformance(told, out).run(Path.of(args[0])));
        } catch (IOException | IllegalArgumentException e) {
            out.println("the suite cannot run: " + e.getMessage());
            System.exit(2);
        }
    }

    /** Holds them all; the exit code. */
    int run(Path directory) throws IOException {
        servers.put("mx", Server.asked(wanted("target"), false));
        name("submission", false);
        name("submissions", true);
        name("spoken", false);
        for (String listener : List.of("lmtp", "proxied")) {
            String address = told.getOrDefault(listener, "");
            if (!address.isEmpty()) {
                servers.put(listener, Server.unasked(address));
            }
        }
        List<Line> lines = new ArrayList<>();
        for (Dialog dialog : PlayDialogs.load(directory)) {
            if (dialog.claim().isPresent()) {
                Line line = hold(dialog, dialog.claim().get());
                lines.add(line);
                tell(line);
            }
        }
        out.print(ConformanceTable.text(lines));
        report(lines);
        return lines.stream().anyMatch(this::counts) ? 1 : 0;
    }

    private boolean counts(Line line) {
        boolean strict = Boolean.parseBoolean(told.getOrDefault("strict", ""));
        Dialog.Level level = line.claim().level();
        return line.result() == Result.FAIL && (level == Dialog.Level.MUST || (strict && level == Dialog.Level.SHOULD));
    }

    private String wanted(String name) {
        String value = told.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new IllegalArgumentException("-D" + name + " is not given");
        }
        return value;
    }

    private void name(String listener, boolean implicit) throws IOException {
        String address = told.getOrDefault(listener, "");
        if (!address.isEmpty()) {
            servers.put(listener, Server.asked(address, implicit));
        }
    }

    /** The server of a listener: where there is no other, the one that was named first. */
    private @Nullable Server server(String listener) {
        return switch (listener) {
            case "submissions" -> servers.getOrDefault(listener, servers.getOrDefault("submission", servers.get("mx")));
            case "mx", "open", "submission" -> servers.getOrDefault(listener, servers.get("mx"));
            default -> servers.get(listener);
        };
    }

    private Line hold(Dialog dialog, Dialog.Claim claim) {
        Server server = server(dialog.listener());
        if (server == null) {
            return new Line(dialog, claim, Result.NOT_APPLICABLE, "no listener " + dialog.listener());
        }
        Map<String, String> names = Applicable.names(told, server);
        boolean slow = Boolean.parseBoolean(told.getOrDefault("slow", ""));
        String hindrance = new Applicable(names, slow).hindrance(dialog, server);
        if (hindrance != null) {
            return new Line(dialog, claim, Result.NOT_APPLICABLE, hindrance);
        }
        DialogPlayer player = new DialogPlayer(names, false);
        try (Peer peer = server.connect(dialog.listener().equals("submissions"))) {
            player.play(dialog, peer);
            return new Line(dialog, claim, Result.PASS, "");
        } catch (DialogPlayer.PutOff e) {
            return new Line(dialog, claim, Result.NOT_APPLICABLE, "put off: " + e.getMessage());
        } catch (IOException | AssertionError e) {
            return new Line(dialog, claim, Result.FAIL, reason(e, player.said()));
        }
    }

    /** What was wrong, and the exchange, in one line. */
    private static String reason(Throwable wrong, String said) {
        String message = String.valueOf(wrong.getMessage());
        String why = message.lines().findFirst().orElse("").replaceFirst("^[^ ]+\\.smtp:", "line ");
        String exchange = said.strip().replace("\n", " | ");
        int from = Math.max(0, exchange.length() - EXCHANGE_MAX);
        return why + " :: " + (from > 0 ? "..." : "") + exchange.substring(from);
    }

    private void tell(Line line) {
        Dialog.Claim claim = line.claim();
        out.printf(
                "%-4s %-6s %-4s %-9s %s%s%n",
                word(line),
                claim.level(),
                claim.rfc(),
                claim.section(),
                claim(line),
                line.reason().isEmpty() ? "" : " (" + line.reason() + ")");
    }

    static String claim(Line line) {
        return line.dialog().name().replaceAll("\\.smtp$", "");
    }

    /** What no server has to do is never a failure. */
    static String word(Line line) {
        return switch (line.result()) {
            case PASS -> "ok";
            case FAIL -> line.claim().level() == Dialog.Level.MAY ? "no" : "FAIL";
            case NOT_APPLICABLE -> "n/a";
        };
    }

    /** For those who compare servers: a line a dialog, with tabs. */
    private void report(List<Line> lines) throws IOException {
        String file = told.getOrDefault("report", "");
        if (!file.isEmpty()) {
            StringBuilder text = new StringBuilder();
            for (Line line : lines) {
                Dialog.Claim claim = line.claim();
                text.append(String.join(
                                "\t",
                                claim(line),
                                claim.level().name(),
                                claim.rfc(),
                                claim.section(),
                                word(line),
                                line.reason().replace('\t', ' ')))
                        .append('\n');
            }
            Files.writeString(Path.of(file), text);
        }
    }
}
