package org.hikyaku.it.dialog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plays all dialogs against a server: {@code PlayDialogs DIRECTORY mx=host:25 submission=host:587 ... name=value...};
 * {@code name=value} says what the dialogs' names stand for there, {@code have=word,word} which needs it meets.
 */
public final class PlayDialogs {
    private PlayDialogs() {}

    /** All dialogs of a directory and those below it, by name. */
    public static List<Dialog> load(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(f -> f.toString().endsWith(".smtp"))
                    .sorted(Comparator.comparing(
                            (Path file) -> file.getFileName().toString()))
                    .toList();
        }
        List<Dialog> dialogs = new ArrayList<>();
        for (Path file : files) {
            dialogs.add(DialogReader.read(file.getFileName().toString(), Files.readString(file)));
        }
        return dialogs;
    }

    public static void main(String[] args) throws IOException {
        Map<String, String> names = new LinkedHashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals > 0) {
                names.put(arg.substring(0, equals), arg.substring(equals + 1));
            }
        }
        Set<String> have = new TreeSet<>(List.of(names.getOrDefault("have", "").split(",", -1)));
        int failed = 0;
        for (Dialog dialog : load(Path.of(args[0]))) {
            String target = names.get(dialog.listener());
            String hindrance = target == null ? "no address" : hindrance(dialog, target, have, names);
            if (target == null || hindrance != null) {
                System.out.println("skipped " + dialog.name() + " (" + dialog.listener() + ": " + hindrance + ")");
                continue;
            }
            failed += play(dialog, target, names) ? 0 : 1;
        }
        System.out.println(failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }

    /** What our server is or has is told by {@code have}; what it offers, dialogs of the suite ask for themselves. */
    private static @Nullable String hindrance(Dialog dialog, String target, Set<String> have, Map<String, String> names)
            throws IOException {
        if (dialog.claim().isEmpty()) {
            return have.containsAll(dialog.needs()) ? null : dialog.needs().toString();
        }
        Server server = Server.asked(target, dialog.listener().equals("submissions"));
        return new Applicable(Applicable.names(withSuiteNames(names), server), have.contains("time"))
                .hindrance(dialog, server);
    }

    private static boolean play(Dialog dialog, String target, Map<String, String> names) {
        int colon = target.lastIndexOf(':');
        try (Peer peer = new SocketPeer(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)))) {
            new DialogPlayer(withSuiteNames(names)).play(dialog, peer);
            System.out.println("ok      " + dialog.name());
            return true;
        } catch (IOException | AssertionError e) {
            System.out.println("FAILED  " + e.getMessage());
            return false;
        }
    }

    /** The names that dialogs of the suite use follow from the others. */
    private static Map<String, String> withSuiteNames(Map<String, String> names) {
        Map<String, String> all = new LinkedHashMap<>(names);
        all.putIfAbsent("local", names.getOrDefault("rcpt", ""));
        return Applicable.names(all, new Server("", 0, false, Map.of(), Map.of()));
    }
}
