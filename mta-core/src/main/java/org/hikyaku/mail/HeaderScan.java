package org.hikyaku.mail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at a message's header while its octets go by, in slices cut anywhere; see {@link HeaderFacts}. Costs nothing
 * once the header has ended.
 *
 * <p><i>Failure:</i> a header over the limit is noted and looked at no further; at most {@link #VALUE_MAX} octets of one
 * field are held.
 */
public final class HeaderScan {
    /** Octets of a field's value that are kept; a From beyond it cannot be read. */
    private static final int VALUE_MAX = 16384;

    private static final int NAME_MAX = 76;
    private static final int MESSAGE_ID_SHOWN = 250;
    /** With addresses, beside From and Sender (RFC 5322 3.6.2, 3.6.3, 3.6.6). */
    private static final Set<String> ADDRESSES = Set.of(
            "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to", "resent-cc", "resent-bcc");

    private static final int ONE_LABEL_MAX = 8;
    /** Of the old Precedence field. */
    private static final List<String> BULK = List.of("bulk", "list", "junk");

    private enum Place {
        LINE_START,
        NAME,
        /** Between a field's name and its colon (RFC 5322 4.5). */
        BEFORE_COLON,
        VALUE,
        /** CR at the start of a line. */
        EMPTY_LINE,
        BODY
    }

    private enum Kept {
        NOTHING,
        FROM,
        SENDER,
        MESSAGE_ID,
        PRECEDENCE,
        /** One of {@link #ADDRESSES}. */
        ADDRESSES,
        /** One of {@link HeaderAsks#FIELDS}. */
        ASK
    }

    private final int limit;
    private final StringBuilder name = new StringBuilder();
    private final ByteArrayOutputStream value = new ByteArrayOutputStream(0);
    private Place place = Place.LINE_START;
    private Kept kept = Kept.NOTHING;
    /** The present one's name, lower case. */
    private String field = "";

    private long octets;
    private boolean anyField;
    private int received;
    private int fromFields;
    private boolean fromUnreadable;
    private List<Address> from = List.of();
    private int senderFields;
    private List<Address> senders = List.of();
    private boolean hasDate;
    private String messageId = "";
    private boolean eightBit;
    private boolean bulk;
    private boolean tooBig;
    private final List<Domain> oneLabel = new ArrayList<>(0);
    private HeaderAsks asks = HeaderAsks.NONE;
    private boolean bodyAtOnce;

    /**
     * @param limit octets of a header
     */
    public HeaderScan(int limit) {
        this.limit = limit;
    }

    /** Looks at the next octets. */
    public void feed(byte[] array, int offset, int length) {
        for (int i = offset; i < offset + length && place != Place.BODY; i++) {
            if (++octets > limit) {
                tooBig = true;
                place = Place.BODY;
                return;
            }
            byte c = array[i];
            eightBit |= c < 0;
            switch (place) {
                case LINE_START -> lineStart(c);
                case NAME, BEFORE_COLON -> name(c);
                case VALUE -> value(c);
                case EMPTY_LINE -> end();
                case BODY -> {}
            }
        }
    }

    /** Whether what comes next changes nothing: the header has ended, or is over the limit. */
    public boolean isOver() {
        return place == Place.BODY;
    }

    /** The facts, once the whole message has been fed. */
    public HeaderFacts facts() {
        if (place != Place.BODY) {
            end();
        }
        boolean readable = fromFields == 1 && !fromUnreadable;
        return new HeaderFacts(
                received,
                readable ? from : List.of(),
                readable,
                senders.size() == 1 && senderFields == 1 ? Optional.of(senders.getFirst()) : Optional.empty(),
                senderFields > 0,
                hasDate,
                messageId,
                eightBit,
                bulk,
                octets,
                tooBig,
                oneLabel,
                asks.whole(),
                bodyAtOnce);
    }

    private void lineStart(byte c) {
        if (anyField && (c == ' ' || c == '\t')) {
            place = Place.VALUE;
            value(c);
            return;
        }
        endField();
        name.setLength(0);
        if (c == '\r') {
            place = Place.EMPTY_LINE;
        } else if (isNameLetter(c)) {
            place = Place.NAME;
            name(c);
        } else {
            noField();
        }
    }

    private void name(byte c) {
        if (c == ':' && !name.isEmpty()) {
            beginField(name.toString().toLowerCase(Locale.ROOT));
        } else if (c == ' ' || c == '\t') {
            place = Place.BEFORE_COLON;
        } else if (place == Place.NAME && isNameLetter(c)) {
            if (name.length() < NAME_MAX) {
                name.append((char) c);
            }
        } else {
            noField();
        }
    }

    private void value(byte c) {
        if (c == '\n') {
            place = Place.LINE_START;
        }
        if (kept != Kept.NOTHING && value.size() < VALUE_MAX) {
            value.write(c);
        }
    }

    private void beginField(String named) {
        anyField = true;
        field = named;
        place = Place.VALUE;
        switch (named) {
            case "received" -> received++;
            case "date" -> hasDate = true;
            case "from" -> {
                fromFields++;
                kept = Kept.FROM;
            }
            case "sender" -> {
                senderFields++;
                kept = Kept.SENDER;
            }
            case "message-id" -> kept = Kept.MESSAGE_ID;
            case "precedence" -> kept = Kept.PRECEDENCE;
            default ->
                kept = HeaderAsks.FIELDS.contains(named)
                        ? Kept.ASK
                        : ADDRESSES.contains(named) ? Kept.ADDRESSES : Kept.NOTHING;
        }
    }

    private void endField() {
        if (kept == Kept.MESSAGE_ID) {
            String text = value.toString(StandardCharsets.UTF_8).replaceAll("[^!-~]+", "");
            messageId = text.length() > MESSAGE_ID_SHOWN ? text.substring(0, MESSAGE_ID_SHOWN) : text;
        } else if (kept == Kept.FROM) {
            Optional<List<Address>> read = value.size() < VALUE_MAX
                    ? AddressList.parse(value.toString(StandardCharsets.UTF_8))
                    : Optional.empty();
            fromUnreadable |= read.isEmpty();
            from = read.orElse(List.of());
            from.forEach(this::noteDomain);
        }
        if (kept == Kept.SENDER && value.size() < VALUE_MAX) {
            senders = AddressList.parse(value.toString(StandardCharsets.UTF_8)).orElse(List.of());
            senders.forEach(this::noteDomain);
        }
        if (kept == Kept.ADDRESSES && value.size() < VALUE_MAX && mayHoldOneLabel()) {
            AddressList.parse(value.toString(StandardCharsets.UTF_8)).ifPresent(all -> all.forEach(this::noteDomain));
        }
        if (kept == Kept.PRECEDENCE) {
            bulk |= BULK.contains(value.toString(StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT));
        }
        if (kept == Kept.ASK) {
            asks = asks.with(field, value.toString(StandardCharsets.UTF_8).replaceAll("[\\r\\n]+", ""));
        }
        kept = Kept.NOTHING;
        value.reset();
    }

    /** A look that costs little: whether behind an at sign comes no dot before what can stand behind an address. */
    private boolean mayHoldOneLabel() {
        String text = value.toString(StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
            int p = at + 1;
            while (p < text.length() && "., \t\r\n>;([".indexOf(text.charAt(p)) < 0) {
                p++;
            }
            if (p == text.length() || text.charAt(p) != '.') {
                return true;
            }
        }
        return false;
    }

    private void noteDomain(Address address) {
        address.domain()
                .filter(domain -> !domain.isInFull() && oneLabel.size() < ONE_LABEL_MAX && !oneLabel.contains(domain))
                .ifPresent(oneLabel::add);
    }

    /** A line that is no field: the body begins here, without the empty line. */
    private void noField() {
        bodyAtOnce = !anyField;
        end();
    }

    private void end() {
        endField();
        place = Place.BODY;
    }

    /** ftext, RFC 5322 3.6.8: of these a field's name is, at least one; blanks and a colon follow. */
    public static boolean isNameLetter(int c) {
        return c > ' ' && c < 0x7f && c != ':';
    }
}
