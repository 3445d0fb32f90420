package org.hikyaku.mime;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderComment;

/**
 * Calls the addresses in a message's own header otherwise: those of its senders in one way, those of its recipients in
 * another, or those alone that have no domain. Display names, comments, groups and folding stay as they are, octet for octet, but that a line
 * which becomes too long is folded between two addresses; so does the body.
 *
 * <p><i>Failure:</i> an address that is not plainly written (RFC 5322 3.4.1 without white space or comments inside, ASCII) stays,
 * and so does a field of more than {@link #FIELD_MAX} octets. Names without a domain stay where they seem to be of a broken encoded word,
 * behind a signature of the header (DKIM, ARC), which may hold for them as they are, and when a message has grown by {@link #GROWTH_MAX}.
 */
public final class RewriteAddresses implements Transform {
    private static final int FIELD_MAX = 256 << 10;
    /** Octets; a name of one letter may become one of hundreds. */
    private static final int GROWTH_MAX = 256 << 10;
    /** Octets of a line without its end (RFC 5322 2.1.1). */
    private static final int LINE_MAX = 998;

    private static final List<String> SENDERS = List.of(
            "from", "sender", "reply-to", "resent-from", "resent-sender", "errors-to", "disposition-notification-to");
    private static final List<String> RECIPIENTS = List.of("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc");
    private static final List<String> SIGNATURES = List.of("dkim-signature", "arc-message-signature");

    private final UnaryOperator<Address> ofSender;
    private final UnaryOperator<Address> ofRecipient;
    /** Of names without a domain. */
    private final Optional<Domain> home;
    /** The field that is being read, whole lines and the start of one. */
    private final OctetBuffer field = new OctetBuffer(256);

    private boolean lineStart = true;
    private boolean passing;
    private boolean body;
    private boolean signed;
    /** Of all names that were completed. */
    private int grown;

    public RewriteAddresses(UnaryOperator<Address> ofSender, UnaryOperator<Address> ofRecipient) {
        this(ofSender, ofRecipient, Optional.empty());
    }

    private RewriteAddresses(
            UnaryOperator<Address> ofSender, UnaryOperator<Address> ofRecipient, Optional<Domain> home) {
        this.ofSender = ofSender;
        this.ofRecipient = ofRecipient;
        this.home = home;
    }

    /** Names without a domain, as programs of a host write them, are addresses of {@code home} (RFC 6409 4.2). */
    public static RewriteAddresses completing(Domain home) {
        return new RewriteAddresses(UnaryOperator.identity(), UnaryOperator.identity(), Optional.of(home));
    }

    @Override
    public void feed(byte[] octets, int offset, int length, Sink out) {
        int end = offset + length;
        int i = offset;
        while (i < end && !body) {
            i = line(octets, i, end, out);
        }
        if (i < end) {
            out.put(octets, i, end - i);
        }
    }

    @Override
    public void finish(Sink out) {
        endOfField(out);
    }

    /** Takes octets to the end of a line, or as many as there are. */
    private int line(byte[] octets, int from, int end, Sink out) {
        byte first = octets[from];
        if (lineStart && first != ' ' && first != '\t') {
            endOfField(out);
            if (first == '\r' || first == '\n') {
                body = true;
                return from;
            }
        }
        int next = from;
        while (next < end && octets[next] != '\n') {
            next++;
        }
        next = Math.min(end, next + 1);
        lineStart = octets[next - 1] == '\n';
        if (passing) {
            out.put(octets, from, next - from);
            return next;
        }
        field.put(octets, from, next - from);
        if (field.size() > FIELD_MAX) {
            field.drainTo(out);
            passing = true;
        }
        return next;
    }

    private void endOfField(Sink out) {
        passing = false;
        if (field.size() == 0) {
            return;
        }
        String text = new String(field.toArray(), StandardCharsets.ISO_8859_1);
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        signed |= SIGNATURES.contains(name);
        boolean sender = SENDERS.contains(name);
        if (!sender && !RECIPIENTS.contains(name)) {
            field.drainTo(out);
            return;
        }
        field.clear();
        Value value =
                new Value(text, colon + 1, sender ? ofSender : ofRecipient, home, signed ? 0 : GROWTH_MAX - grown);
        String called = value.called();
        grown += value.grown;
        out.put(called.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The value of one field, and where its addresses stand. */
    private static final class Value {
        private final String text;
        private final UnaryOperator<Address> call;
        private final Optional<Domain> home;
        /** How much completed names may add. */
        private final int room;

        private final StringBuilder out = new StringBuilder();
        private int copied;
        /** Where the present line begins in {@link #out}. */
        private int line;

        private boolean changed;
        private int grown;
        /** Within an encoded word with letters that it must not hold: its parts are no names. */
        private boolean encoded;
        /** Where this element begins; -1 before any word of it. */
        private int first = -1;
        /** Where the address of this element begins and ends, if it is plain; -1 before any. */
        private int start = -1;

        private int end = -1;
        private boolean angle;
        private boolean plain = true;
        private int p;

        Value(String text, int from, UnaryOperator<Address> call, Optional<Domain> home, int room) {
            this.text = text;
            this.call = call;
            this.home = home;
            this.room = room;
            this.p = from;
        }

        String called() {
            while (p < text.length()) {
                if (first < 0 && " \t\r\n,;".indexOf(text.charAt(p)) < 0) {
                    first = p;
                }
                switch (text.charAt(p)) {
                    case ' ', '\t', '\r', '\n' -> p++;
                    case '(' -> comment();
                    case '<' -> angle();
                    case ',', ';' -> {
                        element();
                        p++;
                    }
                    case ':' -> {
                        reset(); // the name of a group
                        p++;
                    }
                    default -> word();
                }
            }
            element();
            copy(text.length());
            return out.toString();
        }

        private void comment() {
            int end = HeaderComment.end(text, p);
            p = end < 0 ? text.length() : end;
        }

        /** What stands before is a display name. */
        private void angle() {
            int close = ++p;
            boolean quoted = false;
            for (; close < text.length() && (quoted || text.charAt(close) != '>'); close++) {
                if (text.charAt(close) == '\\') {
                    close++;
                } else {
                    quoted ^= text.charAt(close) == '"';
                }
            }
            plain = !angle && close < text.length();
            angle = true;
            encoded = false;
            start = p;
            end = Math.min(close, text.length());
            p = end;
            if (p < text.length()) {
                p++;
            }
        }

        /** Letters, dots, quoted strings and literals without anything between: an address, if it is alone. */
        private void word() {
            int from = p;
            while (p < text.length() && " \t\r\n(<,;:".indexOf(text.charAt(p)) < 0) {
                char c = text.charAt(p);
                p++;
                if (c == '"') {
                    skipPast('"');
                } else if (c == '[') {
                    skipPast(']');
                }
            }
            if (!angle) {
                plain = start < 0 && !encoded && !text.startsWith("=?", from);
                start = from;
                end = p;
            }
            encoded = (encoded || text.startsWith("=?", from)) && !text.startsWith("?=", p - 2);
        }

        private void skipPast(char close) {
            while (p < text.length() && text.charAt(p) != close) {
                p += text.charAt(p) == '\\' ? 2 : 1;
            }
            p = Math.min(text.length(), p + 1);
        }

        private void element() {
            if (first >= 0) {
                copy(first);
                int at = out.length();
                int begin = line;
                if (plain && start >= 0) {
                    call();
                }
                copy(p);
                if (changed) {
                    fold(at, begin);
                }
            }
            reset();
        }

        private void call() {
            String written = text.substring(start, end);
            Optional<Address> address = written.chars().allMatch(c -> c < 0x7f)
                    ? Address.parse(written).filter(a -> a.domain().isPresent())
                    : Optional.empty();
            Optional<Address> called =
                    address.map(call).or(() -> completed(written)).filter(to -> !to.isInternational());
            if (called.isPresent() && !called.equals(address)) {
                copy(start);
                String name = called.get().toString();
                out.append(name);
                grown += address.isPresent() ? 0 : name.length() - written.length();
                copied = end;
                changed = true;
            }
        }

        /**
         * Goes on in a new line from {@code at}, where an element begins, if its line has become too long with it.
         *
         * @param begin of that line
         */
        private void fold(int at, int begin) {
            int end = at;
            while (end < out.length() && "\r\n".indexOf(out.charAt(end)) < 0) {
                end++;
            }
            if (end - begin < LINE_MAX) {
                return; // a comma has room
            }
            if (out.substring(begin, at).isBlank()) {
                return; // it would leave an empty line, the header's end
            }
            boolean blank = " \t".indexOf(out.charAt(at - 1)) >= 0;
            int place = blank ? at - 1 : at;
            String fold = blank ? "\r\n" : "\r\n ";
            out.insert(place, fold);
            line = line == begin ? place + 2 : line + fold.length();
        }

        /** All up to there, as it is. */
        private void copy(int end) {
            for (int i = copied; i < end; i++) {
                out.append(text.charAt(i));
                if (text.charAt(i) == '\n') {
                    line = out.length();
                }
            }
            copied = Math.max(copied, end);
        }

        private Optional<Address> completed(String written) {
            return home.filter(domain -> !written.isEmpty() && grown < room)
                    .flatMap(domain -> Address.parse(written + "@" + domain.ascii()));
        }

        private void reset() {
            first = -1;
            start = -1;
            end = -1;
            angle = false;
            plain = true;
        }
    }
}
