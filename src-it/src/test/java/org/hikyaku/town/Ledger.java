package org.hikyaku.town;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hikyaku.mail.Address;

/**
 * Who was promised what, and what became of it. The judge of a seed.
 *
 * <p>A recipient is <i>promised</i> when its letter got its 250. In the end each promised recipient is delivered,
 * bounced, or (for letters from the null sender) given up with an event.
 */
final class Ledger {
    /** @param recipient as he was promised, if he was redirected */
    private record Entry(int letter, String recipient) {
        Entry {
            recipient = promisedAs(recipient);
        }
    }

    static String promisedAs(String recipient) {
        return recipient.equals(Operator.REDIRECTED) ? Operator.REDIRECTED_FROM : recipient;
    }

    private final Map<Integer, Letter> promised = new LinkedHashMap<>();
    private final Map<Entry, Integer> delivered = new LinkedHashMap<>();
    private final Map<Entry, Integer> bounced = new LinkedHashMap<>();
    private final Map<Entry, Integer> succeeded = new LinkedHashMap<>();
    private final Map<String, Integer> letterOf = new LinkedHashMap<>();
    private final Set<Entry> uncertain = new LinkedHashSet<>();
    private final Map<Integer, Letter> written = new LinkedHashMap<>();
    private final Set<String> notices = new LinkedHashSet<>();
    private final Trash trash = new Trash(this);
    private final Set<Integer> unanswered = new LinkedHashSet<>();
    private final Set<Integer> refusedOnly = new LinkedHashSet<>();
    private boolean cannotUndo;
    private final List<String> wrong = new ArrayList<>();
    private int crashes;
    private int strayDrops;

    /** The letter got its 250 for these recipients. */
    void promise(Letter letter) {
        promised.put(letter.number(), letter);
    }

    /** The letter was sent whole and the reply never came: it may be delivered or not. */
    void unanswered(Letter letter) {
        unanswered.add(letter.number());
    }

    /** The letter was sent whole and refused. Should the process end while that cannot be noted on disk, it may be delivered. */
    void refused(Letter letter) {
        if (cannotUndo) {
            refusedOnly.add(letter.number());
        }
    }

    /** Whether the spool is in the one state in which what it has told failed may be found whole (docs/spool.md, crash state 11). */
    void cannotUndo(boolean now) {
        cannotUndo = now;
        refusedOnly.clear();
    }

    Trash trash() {
        return trash;
    }

    void written(Letter letter) {
        written.put(letter.number(), letter);
    }

    void delivered(int letter, String recipient) {
        delivered.merge(new Entry(letter, recipient), 1, Integer::sum);
    }

    static final String DISCARDED = "@discard.example";

    /** Domains that the DNS never tells anything about: their mail may expire, and not fail before, if it is the DNS that says its way. */
    private static final List<String> UNKNOWABLE =
            List.of("@servfail.example", "@bogus.example", "@slow.example", "@broken.example");

    /** A notice about a letter names it so (RFC 3461 6.3); empty: by no ENVID. */
    void named(int letter, String envelopeId) {
        if (!Asked.envelopeId(letter).equals(envelopeId)) {
            wrong("letter " + letter + " is named <" + envelopeId + "> in its notice");
        }
    }

    /** A notice about a letter reached its sender. */
    void told(int letter, BounceReader.Told one) {
        if (!Asked.wants(letter, one.action())) {
            wrong("told " + one.action() + " of letter " + letter + " to " + one.recipient() + ", and NOTIFY="
                    + Asked.notify(letter));
        }
        switch (one.action()) {
            case "failed" -> bounced(letter, one.recipient(), one.status());
            case "delivered", "relayed" -> succeeded.merge(new Entry(letter, one.recipient()), 1, Integer::sum);
            default -> {}
        }
    }

    private void bounced(int letter, String recipient, String status) {
        boolean byItsDeadline = Asked.hasDeadline(letter) && status.equals("5.4.7"); // RFC 2852 4.1.3: as it asked
        boolean expired = status.equals("4.4.7") || byItsDeadline;
        boolean byTheDns = !Ways.isSigned(Objects.requireNonNull(written.get(letter)));
        if (UNKNOWABLE.stream().anyMatch(recipient::endsWith) && byTheDns && !expired) {
            wrong("given up with " + status + " although the DNS only failed: letter " + letter + " to " + recipient);
        }
        if (status.equals(Operator.GIVEN_UP) && !recipient.endsWith(Operator.BOUNCED)) {
            wrong("given up by the operator, who did not choose him: letter " + letter + " to " + recipient);
        }
        bounced.merge(new Entry(letter, recipient), 1, Integer::sum);
    }

    /** It was taken and that was not known for sure (the answer was lost, the last force failed): a second copy or a bounce may follow. */
    void uncertain(int letter, String recipient) {
        uncertain.add(new Entry(letter, recipient));
    }

    /** The message of this spool id is the letter. */
    void named(String id, int letter) {
        letterOf.put(id, letter);
    }

    /** The message of this spool id is a report about the letter. */
    void notice(String id, int letter) {
        named(id, letter);
        notices.add(id);
    }

    boolean isNotice(String id) {
        return notices.contains(id);
    }

    /** The letter that the message of this spool id is; empty for a report. */
    Optional<Integer> letterOf(String id) {
        return numberOf(id).filter(n -> !isNotice(id));
    }

    /** The spool ids of a letter: several when the answer was lost and it was sent again. */
    Set<String> messagesOf(int letter) {
        return letterOf.keySet().stream()
                .filter(id -> letterOf(id).filter(n -> n == letter).isPresent())
                .collect(Collectors.toSet());
    }

    Optional<Integer> numberOf(String id) {
        return Optional.ofNullable(letterOf.get(id));
    }

    /** A bounce was given up whose letter nobody knows: the crash that came between storing and telling took the event. */
    void strayBounceDropped() {
        strayDrops++;
    }

    void crashed() {
        crashes++;
        unanswered.addAll(refusedOnly);
        cannotUndo(false);
    }

    int crashes() {
        return crashes;
    }

    void wrong(String what) {
        wrong.add(what);
    }

    int promises() {
        return promised.size();
    }

    /**
     * All that is wrong with the end of this history.
     *
     * @param droppedBounces letters whose bounce failed with an event
     */
    List<String> judge(Set<Integer> droppedBounces) {
        List<String> out = new ArrayList<>(wrong);
        for (Letter letter : promised.values()) {
            for (Address recipient : letter.recipients()) {
                judge(letter, new Entry(letter.number(), recipient.toString()), droppedBounces, out);
            }
        }
        for (Entry entry : delivered.keySet()) {
            if (!promised.containsKey(entry.letter()) && !unanswered.contains(entry.letter())) {
                out.add("delivered without having been accepted: " + entry);
            }
        }
        return out;
    }

    private void judge(Letter letter, Entry entry, Set<Integer> droppedBounces, List<String> out) {
        int arrived = delivered.getOrDefault(entry, 0);
        int returned = bounced.getOrDefault(entry, 0);
        if (crashes > 0 && entry.recipient().endsWith(DISCARDED) && arrived + returned == 0) {
            return; // nothing is left of him but an event, and which letter it is of may have been lost with the crash
        }
        if (arrived + returned == 0 && trash.isGone(entry.letter(), entry.recipient())) {
            return;
        }
        boolean doubtful = uncertain.contains(entry) || crashes > 0;
        if (arrived + returned == 0 && !letter.sender().isNull() && !droppedBounces.contains(letter.number())) {
            if (strayDrops > 0 && crashes > 0) {
                strayDrops--; // each such event speaks for one recipient at the most
                return;
            }
            out.add("LOST: " + entry + " from " + letter.sender());
        }
        if (arrived > 0 && returned > 0 && !doubtful) {
            out.add("both delivered and bounced: " + entry);
        }
        if (arrived > 1 && !doubtful) {
            out.add("delivered " + arrived + " times without crash or lost reply: " + entry);
        }
        if (returned > 1 && !doubtful) {
            out.add("bounced " + returned + " times without crash: " + entry);
        }
        boolean silent = letter.sender().isNull() || droppedBounces.contains(letter.number());
        success(entry, arrived > 0, returned > 0, doubtful, silent, out);
    }

    /** RFC 3461 5.2.2, 5.2.3: a success is told exactly once to who asked for it. That nobody else is, {@link #told} sees. */
    private void success(
            Entry entry, boolean arrived, boolean returned, boolean doubtful, boolean silent, List<String> out) {
        int told = succeeded.getOrDefault(entry, 0);
        if (told > 0 && !arrived) {
            out.add("told to be there, and is not: " + entry);
        }
        if (told > 1 && !doubtful) {
            out.add("success told " + told + " times without crash: " + entry);
        }
        boolean owed = arrived && !silent && !returned && Asked.wants(entry.letter(), "delivered");
        if (owed && told == 0 && (strayDrops == 0 || crashes == 0) && !trash.isNoticeGone(entry.letter())) {
            out.add("success not told: " + entry);
        }
    }

    /** What any destination does with a whole message it has taken. */
    void arrived(String text, List<String> recipients) {
        Optional<Integer> number = Letter.numberIn(text, this);
        if (number.isEmpty()) {
            wrong("a message without number arrived: " + text.substring(0, Math.min(300, text.length())));
            return;
        }
        if (Letter.isReport(text)) {
            named(number.get(), BounceReader.envelopeId(text));
            BounceReader.told(text).forEach(one -> told(number.get(), one));
            return;
        }
        if (!Letter.isWhole(text)) {
            wrong("letter " + number.get() + " arrived mangled: " + text.length() + " octets, head "
                    + text.substring(0, Math.min(700, text.length())) + " ... "
                    + text.substring(Math.max(0, text.length() - 200)));
        }
        recipients.forEach(recipient -> delivered(number.get(), recipient));
    }

    @Override
    public String toString() {
        return "promised " + promised.size() + ", delivered " + delivered.size() + ", bounced " + bounced.size()
                + ", crashes " + crashes;
    }
}
