package org.hikyaku.powercut;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The server itself, started on an image: it delivers what it owes. */
record Boot(List<String> problems) {
    private static final int WAIT_SECONDS = 60;

    /** At a promise of a drawn place, with a drawn loss. */
    static Boot of(Path home, int number, Recording recording, Ledger ledger, Random chance)
            throws IOException, InterruptedException {
        List<Op> promises =
                recording.ops().stream().filter(Op.Promise.class::isInstance).toList();
        int cut = promises.get(chance.nextInt(promises.size())).span().begin() + 1;
        PowerModel model = new PowerModel(recording.ops());
        model.advance(cut);
        Loss loss = Loss.any(chance, cut, model.lastUnforced());
        Path here = home.resolve("boot" + number);
        Recorder.clear(here);
        Files.createDirectories(here);
        try (Sink sink = new Sink(ledger)) {
            Server server = Server.make(here, sink.port(), Files.readAllLines(home.resolve("users")));
            model.image(loss, chance).write(here.resolve("disk"), "");
            server.start(List.of());
            Set<String> missing = missing(recording, ledger, cut, here, server);
            for (int i = 0; i < WAIT_SECONDS * 2 && !missing.isEmpty(); i++) {
                TimeUnit.MILLISECONDS.sleep(500);
                missing = missing(recording, ledger, cut, here, server);
            }
            server.end(false);
            System.out.println("powercut: started on the image before line " + cut + ", " + loss);
            return new Boot(
                    missing.isEmpty()
                            ? List.of()
                            : List.of("started at line " + cut + ", " + loss + ": not arrived " + missing));
        }
    }

    /** Recipients of promised letters that have nothing yet and do not wait in the queue either, as the operator sees it. */
    private static Set<String> missing(Recording recording, Ledger ledger, int cut, Path here, Server server)
            throws IOException, InterruptedException {
        Set<String> missing = owed(recording, ledger, cut);
        missing.removeAll(arrived(here.resolve("disk/mail")));
        missing.removeAll(ledger.taken.keySet());
        if (!missing.isEmpty()) {
            String queue = server.command("queue", "list", "--json");
            missing.removeIf(each -> isQueued(each, queue));
        }
        return missing;
    }

    /** A letter without a local recipient is known by its recipients' names; those never taken stay queued. */
    private static boolean isQueued(String recipient, String queue) {
        return recipient.startsWith(Letter.NEVER) && queue.contains("\"" + recipient + "\"");
    }

    /** Mailbox and number for local recipients, the address for those of the sink, the sender's mailbox for refused ones. */
    private static Set<String> owed(Recording recording, Ledger ledger, int cut) {
        long now = recording.microsBefore(cut);
        Set<String> owed = new TreeSet<>();
        for (Op op : recording.ops()) {
            if (op instanceof Op.Promise promise && op.span().begin() < cut) {
                Long number = ledger.promised.get(promise.id());
                boolean touched = ledger.removed.getOrDefault(promise.id(), Long.MAX_VALUE) <= now
                        || ledger.held.containsKey(promise.id());
                if (number != null && !touched) {
                    for (String recipient : new Letter(number).recipients()) {
                        owed.add(
                                recipient.endsWith("@" + Letter.LOCAL) || recipient.startsWith(Letter.REFUSED)
                                        ? key(number, recipient)
                                        : recipient);
                    }
                }
            }
        }
        return owed;
    }

    private static String key(long number, String recipient) {
        return recipient.startsWith(Letter.REFUSED)
                ? "notice about " + number
                : number + " in " + recipient.substring(0, recipient.indexOf('@'));
    }

    private static Set<String> arrived(Path mail) throws IOException {
        Set<String> arrived = new TreeSet<>();
        TreeMap<Path, String> files = new TreeMap<>();
        if (Files.exists(mail)) {
            try (Stream<Path> all = Files.walk(mail)) {
                for (Path file : all.filter(file -> file.toString().contains("/new/") && Files.isRegularFile(file))
                        .toList()) {
                    files.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        List<String> half = new ArrayList<>();
        files.forEach((file, text) -> {
            long number = Letter.numberIn(text);
            boolean notice = text.startsWith("Return-Path: <>");
            if (number >= 0 && notice) {
                arrived.add("notice about " + number);
            } else if (number >= 0 && new Letter(number).isWholeIn(text)) {
                arrived.add(number + " in " + file.subpath(file.getNameCount() - 3, file.getNameCount() - 2));
            } else {
                half.add(file.toString());
            }
        });
        if (!half.isEmpty()) {
            throw new IllegalStateException("half a letter: " + half);
        }
        return arrived;
    }
}
