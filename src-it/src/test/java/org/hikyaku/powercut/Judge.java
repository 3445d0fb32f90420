package org.hikyaku.powercut;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether an image keeps what was promised when the power went: each recipient of each letter whose 250 was being written
 * is in the queue, or in his mailbox, or taken by the sink before, or a notice of his refusal is in one of these; whatever
 * is in the queue or under a final name in a mailbox is whole; what the operator was told is held is held.
 */
final class Judge {
    private static final int PROBLEMS_MAX = 20;

    private final Recording recording;
    private final Ledger ledger;
    /** Files of mailboxes that were looked at, by inode: their content does not change any more. */
    private final IdentityHashMap<Inode, Mail> looked = new IdentityHashMap<>();

    /** What a file in a mailbox is: a letter or a notice about one, or why it is neither. */
    private record Mail(long number, boolean notice, String problem) {}

    Judge(Recording recording, Ledger ledger) {
        this.recording = recording;
        this.ledger = ledger;
    }

    /** What a tree holds of each letter. */
    private static final class Found {
        /** Recipients by letter, in queue or mailbox. */
        final Map<Long, Set<String>> recipients = new HashMap<>();
        /** Letters about whose refused recipient there is a notice. */
        final Set<Long> notices = new HashSet<>();

        void add(long number, String recipient) {
            recipients.computeIfAbsent(number, n -> new HashSet<>()).add(recipient);
        }

        boolean has(long number, String recipient) {
            return recipients.getOrDefault(number, Set.of()).contains(recipient);
        }
    }

    /** The first problems, empty when all is well. */
    List<String> problems(int cut, Image image, Opened opened) {
        List<String> problems = new ArrayList<>();
        opened.damage().forEach(damage -> problems.add("recovery speaks of damage: " + damage));
        Found found = new Found();
        opened.messages().forEach((id, message) -> {
            String problem = queued(id, message, found);
            if (!problem.isEmpty()) {
                problems.add(id + " in the queue: " + problem);
            }
        });
        mailboxes(image, found, problems);
        long now = recording.microsBefore(cut);
        promises(cut, now, found, problems);
        holds(now, opened, problems);
        return problems.size() > PROBLEMS_MAX ? problems.subList(0, PROBLEMS_MAX) : problems;
    }

    private String queued(String id, Opened.Message message, Found found) {
        long number = Letter.numberIn(message.text());
        if (number < 0) {
            return "no letter of ours";
        }
        Letter letter = new Letter(number);
        if (message.sender().isEmpty()) {
            found.notices.add(number);
            return letter.isNoticeIn(message.text()) ? "" : "half a notice";
        }
        @Nullable Long promised = ledger.promised.get(id);
        if (promised != null && promised != number) {
            return "holds letter " + number + " instead of " + promised;
        }
        message.waiting().forEach(recipient -> found.add(number, recipient));
        boolean known = message.sender().equals(letter.sender())
                && letter.recipients().containsAll(message.waiting())
                && letter.isWholeIn(message.text());
        return known ? "" : "letter " + number + " is not as it was sent";
    }

    private void mailboxes(Image image, Found found, List<String> problems) {
        image.files().forEach((path, content) -> {
            String[] parts = path.split("/", -1);
            if (parts.length == 5 && parts[0].equals("mail") && parts[3].equals("new")) {
                Inode settled = image.settled().get(path);
                Mail mail = settled == null ? look(content) : looked.computeIfAbsent(settled, inode -> look(content));
                if (!mail.problem().isEmpty()) {
                    problems.add(path + ": " + mail.problem());
                } else if (mail.notice()) {
                    found.notices.add(mail.number());
                } else {
                    found.add(mail.number(), parts[2] + "@" + parts[1]);
                }
            }
        });
    }

    private static Mail look(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        long number = Letter.numberIn(text);
        boolean notice = text.startsWith("Return-Path: <>");
        if (number < 0) {
            return new Mail(number, notice, "no letter of ours, of " + content.length + " octets");
        }
        Letter letter = new Letter(number);
        boolean whole = notice ? letter.isNoticeIn(text) : letter.isWholeIn(text);
        return new Mail(number, notice, whole ? "" : "letter " + number + " is not whole");
    }

    private void promises(int cut, long now, Found found, List<String> problems) {
        for (Op op : recording.ops()) {
            if (op.span().begin() >= cut) {
                return;
            }
            if (op instanceof Op.Promise promise) {
                @Nullable Long number = ledger.promised.get(promise.id());
                if (number != null && ledger.removed.getOrDefault(promise.id(), Long.MAX_VALUE) > now) {
                    for (String recipient : new Letter(number).recipients()) {
                        if (!isKept(number, recipient, now, found)) {
                            problems.add(promise.id() + ", letter " + number + ", is lost for " + recipient);
                        }
                    }
                }
            }
        }
    }

    private boolean isKept(long number, String recipient, long now, Found found) {
        return found.has(number, recipient)
                || ledger.taken.getOrDefault(recipient, Long.MAX_VALUE) <= now
                || (recipient.startsWith(Letter.REFUSED) && found.notices.contains(number));
    }

    private void holds(long now, Opened opened, List<String> problems) {
        ledger.held.forEach((id, told) -> {
            Opened.Message message = opened.messages().get(id);
            boolean gone = ledger.removed.getOrDefault(id, Long.MAX_VALUE) <= now;
            if (told <= now && !gone && (message == null || message.held().isEmpty())) {
                problems.add(id + " is not held any more");
            }
        });
    }

    /** Lines of the record where a promise begins. */
    List<Integer> promises() {
        List<Integer> lines = new ArrayList<>();
        for (Op op : recording.ops()) {
            if (op instanceof Op.Promise) {
                lines.add(op.span().begin());
            }
        }
        return Collections.unmodifiableList(lines);
    }
}
