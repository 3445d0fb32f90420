package org.hikyaku.powercut;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.hikyaku.daemon.Daemon;

/**
 * What a running server still owes of the letters it has promised: each local recipient a file, the next host its letters, a refused
 * one's sender a notice; letters that the next host never takes must wait in the queue.
 */
final class Owed {
    private static final int WAIT_SECONDS = 90;

    private final Ledger ledger;
    private final Path mail;
    private final Daemon server;

    /** @param mail the root of the mailboxes */
    Owed(Ledger ledger, Path mail, Daemon server) {
        this.ledger = ledger;
        this.mail = mail;
        this.server = server;
    }

    /** Waits until nothing is missing; what is, when the time is over. Letters under {@code ids}, but those an operator took in hand before {@code now}. */
    Set<String> missing(Collection<String> ids, long now) throws IOException, InterruptedException {
        Set<String> missing = look(ids, now);
        for (int i = 0; i < WAIT_SECONDS * 2 && !missing.isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(500);
            missing = look(ids, now);
        }
        return missing;
    }

    private Set<String> look(Collection<String> ids, long now) throws IOException, InterruptedException {
        Set<String> missing = owed(ids, now);
        missing.removeAll(arrived());
        missing.removeAll(ledger.taken.keySet());
        if (missing.stream().allMatch(each -> each.startsWith(Letter.NEVER)) && !missing.isEmpty()) {
            String queue = server.command("queue", "list", "--json");
            missing.removeIf(each -> queue.contains("\"" + each + "\""));
        }
        return missing;
    }

    /** Mailbox and number for local recipients, the address for those of the next host, notices for refused ones. */
    private Set<String> owed(Collection<String> ids, long now) {
        Set<String> owed = new TreeSet<>();
        for (String id : ids) {
            Long number = ledger.promised.get(id);
            boolean touched = ledger.removed.getOrDefault(id, Long.MAX_VALUE) <= now || ledger.asked.containsKey(id);
            if (number != null && !touched) {
                new Letter(number).recipients().forEach(recipient -> owed.add(key(number, recipient)));
            }
        }
        return owed;
    }

    private static String key(long number, String recipient) {
        if (recipient.startsWith(Letter.REFUSED)) {
            return "notice about " + number;
        }
        return recipient.endsWith("@" + Letter.LOCAL)
                ? number + " in " + recipient.substring(0, recipient.indexOf('@'))
                : recipient;
    }

    private Set<String> arrived() throws IOException {
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
