package org.hikyaku.hostmail;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.hikyaku.mail.Address;
import org.hikyaku.mime.EncodedWords;

/** The fields that tell of a message of this host who sent it: left out where they are not to be believed, added where they lack. */
public final class HostFields {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int NAME_MAX = 200;

    private HostFields() {}

    public static String date(Instant time) {
        return DATE.format(time);
    }

    /**
     * Fields that are not for others to read, and of who is not trusted those that say who he is.
     *
     * @param resent whether one of the fields that stay says that it is sent again
     */
    static List<String> dropped(boolean resent, HostSender who) {
        List<String> dropped = new ArrayList<>(List.of("Return-Path", "Bcc", "Resent-Bcc"));
        if (!who.mayBeAnybody()) {
            dropped.add("Resent-Sender");
            if (!resent) {
                dropped.add("Sender");
            }
        }
        return List.copyOf(dropped);
    }

    /**
     * What a message of his lacks of who sent it, in lines.
     *
     * @param from of its From field
     * @param sender of its envelope
     * @param own his address, as it may stand in this message
     * @param name beside the address, if there is no From
     * @param shown what an address of ours is shown as
     */
    public static List<String> added(
            WrittenHeader header,
            HostSender who,
            List<Address> from,
            Address sender,
            Address own,
            String name,
            UnaryOperator<Address> shown,
            Instant now) {
        List<String> lines = new ArrayList<>();
        Address himself = shown.apply(own);
        if (header.isResent()) {
            resent(lines, header, himself, isHis(header.resentFrom(), who, himself), now);
        }
        if (!header.hasFrom()) {
            lines.add(from(name, shown.apply(sender.isNull() ? own : sender)));
        } else if (!header.isResent() && !isHis(header.hasOneFrom() ? from : List.of(), who, himself)) {
            lines.add("Sender: " + himself); // RFC 5322 3.6.2: he is not the one who wrote it
        }
        return lines;
    }

    /** A Sender that says what From says is not to be (RFC 5322 3.6.2). */
    private static boolean isHis(List<Address> from, HostSender who, Address himself) {
        return who.isHis(from) || from.equals(List.of(himself));
    }

    /** RFC 5322 3.6.6: of the newest set, before which these fields come to stand. */
    private static void resent(List<String> lines, WrittenHeader header, Address own, boolean isHis, Instant now) {
        if (!header.hasResentDate()) {
            lines.add("Resent-Date: " + date(now));
        }
        if (header.resentFrom().isEmpty()) {
            lines.add("Resent-From: " + own);
        } else if (!isHis) {
            lines.add("Resent-Sender: " + own);
        }
    }

    /** A From field; a long name goes on in a second line. */
    public static String from(String name, Address address) {
        String shown = shown(name);
        if (shown.isEmpty()) {
            return "From: " + address;
        }
        return EncodedWords.isPlain(shown)
                ? "From: \"" + shown.replaceAll("([\"\\\\])", "\\\\$1") + "\" <" + address + ">"
                : "From: " + EncodedWords.of(shown) + "\r\n <" + address + ">";
    }

    private static String shown(String name) {
        int[] letters = name.replaceAll("[\\p{Cntrl}\u0080-\u009f]", " ")
                .strip()
                .codePoints()
                .limit(NAME_MAX)
                .toArray();
        return new String(letters, 0, letters.length);
    }
}
