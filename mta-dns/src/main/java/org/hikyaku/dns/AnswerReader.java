package org.hikyaku.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Resolver.Answer;
import org.hikyaku.world.Resolver.Cause;
import org.hikyaku.world.Resolver.Data;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * What a DNS message says to a question: the records at the end of its CNAMEs, a 'no' of one of two kinds (RFC 2308), or
 * nothing that can be relied on. Pure.
 *
 * <p><i>Failure:</i> what is no clear answer (a referral, a cut or strange message) is never read as a 'no'.
 */
final class AnswerReader {
    private static final int ALIASES_MAX = 8;
    private static final int RECORDS_MAX = 256;
    private static final Duration TTL_MAX = Duration.ofDays(1);
    private static final Duration NEGATIVE_TTL_MAX = Duration.ofHours(1);

    /** RFC 8914 4: the codes by which a validating resolver says that DNSSEC did not hold. */
    private static final Set<Integer> BOGUS = Set.of(
            ExtendedErrorCodeOption.DNSSEC_INDETERMINATE,
            ExtendedErrorCodeOption.DNSSEC_BOGUS,
            ExtendedErrorCodeOption.SIGNATURE_EXPIRED,
            ExtendedErrorCodeOption.SIGNATURE_NOT_YET_VALID,
            ExtendedErrorCodeOption.DNSKEY_MISSING,
            ExtendedErrorCodeOption.RRSIGS_MISSING,
            ExtendedErrorCodeOption.NO_ZONE_KEY_BIT_SET,
            ExtendedErrorCodeOption.NSEC_MISSING,
            ExtendedErrorCodeOption.SIGNATURE_EXPIRED_BEFORE_VALID);

    private AnswerReader() {}

    /** One message read. */
    sealed interface Reading {
        /**
         * The end.
         *
         * @param ttl how long it may be kept; zero for not at all
         */
        record Done(Answer answer, Duration ttl) implements Reading {}

        /** The answer stops at an alias; go on with its target. */
        record Alias(Name target, int aliases, Duration ttl) implements Reading {}
    }

    /** Why {@code message} answers nothing, or empty when it does. */
    static Optional<Answer.Unknown> failure(Message message, String server) {
        int rcode = message.getRcode();
        if (rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN) {
            return message.getHeader().getFlag(Flags.TC)
                    ? broken(server, "sent a cut answer")
                    : referral(message, server);
        }
        return switch (rcode) {
            case Rcode.SERVFAIL ->
                bogus(message)
                        .map(why -> new Answer.Unknown(Cause.BOGUS, server + " says that DNSSEC does not hold: " + why))
                        .or(() -> Optional.of(new Answer.Unknown(Cause.SERVFAIL, server + " answers SERVFAIL")));
            case Rcode.REFUSED -> Optional.of(new Answer.Unknown(Cause.REFUSED, server + " refuses to answer"));
            default -> broken(server, "answers " + Rcode.string(rcode));
        };
    }

    /** Reads an answer that did not fail. */
    static Reading read(Message message, Name asked, int type) {
        Name name = asked;
        Duration ttl = TTL_MAX;
        for (int aliases = 0; aliases <= ALIASES_MAX; aliases++) {
            List<Record> records = find(message, name, type);
            if (!records.isEmpty()) {
                List<Data> data = data(records);
                if (data.isEmpty()) {
                    return new Reading.Done(unreadable(), Duration.ZERO);
                }
                Duration least = shorter(
                        ttl, records.stream().mapToLong(Record::getTTL).min().orElse(0));
                return new Reading.Done(new Answer.Found(data, least, false), least);
            }
            List<Record> alias = find(message, name, Type.CNAME);
            if (alias.isEmpty()) {
                return end(message, asked, name, aliases, ttl);
            }
            if (!(alias.getFirst() instanceof CNAMERecord target)) {
                return new Reading.Done(unreadable(), Duration.ZERO);
            }
            ttl = shorter(ttl, target.getTTL());
            name = target.getTarget();
        }
        return new Reading.Done(tooManyAliases(), Duration.ZERO);
    }

    /** A record without data is neither an answer nor a "no": read as one it would bounce mail. */
    private static Answer.Unknown unreadable() {
        return new Answer.Unknown(Cause.BROKEN, "its records have no data");
    }

    static Answer.Unknown tooManyAliases() {
        return new Answer.Unknown(Cause.BROKEN, "its CNAMEs lead in a circle, or there are more than " + ALIASES_MAX);
    }

    static boolean areTooMany(int aliases) {
        return aliases > ALIASES_MAX;
    }

    /** RFC 2308 2: the code and the SOA speak of the last name of the chain. */
    private static Reading end(Message message, Name asked, Name last, int aliases, Duration ttl) {
        @Nullable SOARecord soa = soa(message);
        Duration negative =
                soa == null ? Duration.ZERO : shorter(NEGATIVE_TTL_MAX, Math.min(soa.getTTL(), soa.getMinimum()));
        Duration least = negative.compareTo(ttl) < 0 ? negative : ttl;
        if (message.getRcode() == Rcode.NXDOMAIN) {
            return new Reading.Done(new Answer.NoName(false), least);
        }
        return last.equals(asked) || soa != null
                ? new Reading.Done(new Answer.NoData(false), least)
                : new Reading.Alias(last, aliases, ttl);
    }

    private static List<Record> find(Message message, Name name, int type) {
        return message.getSection(Section.ANSWER).stream()
                .filter(record -> record.getType() == type && record.getName().equals(name))
                .limit(RECORDS_MAX)
                .toList();
    }

    private static @Nullable SOARecord soa(Message message) {
        return message.getSection(Section.AUTHORITY).stream()
                .filter(SOARecord.class::isInstance)
                .map(SOARecord.class::cast)
                .findFirst()
                .orElse(null);
    }

    /** A server that does not resolve for us points elsewhere; read as "no data" it would bounce mail. */
    private static Optional<Answer.Unknown> referral(Message message, String server) {
        boolean points = message.getRcode() == Rcode.NOERROR
                && message.getSection(Section.ANSWER).isEmpty()
                && soa(message) == null
                && message.getSection(Section.AUTHORITY).stream().anyMatch(r -> r.getType() == Type.NS);
        return points
                ? broken(server, "points to other servers instead of answering: it does not resolve")
                : Optional.empty();
    }

    private static Optional<String> bogus(Message message) {
        if (message.getOPT() == null) {
            return Optional.empty();
        }
        for (EDNSOption option : message.getOPT().getOptions()) {
            if (option instanceof ExtendedErrorCodeOption error && BOGUS.contains(error.getErrorCode())) {
                return Optional.of(ExtendedErrorCodeOption.text(error.getErrorCode()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Answer.Unknown> broken(String server, String what) {
        return Optional.of(new Answer.Unknown(Cause.BROKEN, server + " " + what));
    }

    private static Duration shorter(Duration most, long seconds) {
        Duration ttl = Duration.ofSeconds(seconds);
        return ttl.compareTo(most) < 0 ? ttl : most;
    }

    private static List<Data> data(List<Record> records) {
        List<Data> data = new ArrayList<>();
        for (Record record : records) {
            switch (record) {
                case ARecord a -> data.add(new Data.Ip(a.getAddress()));
                case AAAARecord aaaa -> data.add(new Data.Ip(aaaa.getAddress()));
                case MXRecord mx -> data.add(mx(mx));
                case TXTRecord txt -> data.add(new Data.Text(join(txt.getStringsAsByteArrays())));
                case TLSARecord tlsa ->
                    data.add(new Data.Tlsa(
                            tlsa.getCertificateUsage(),
                            tlsa.getSelector(),
                            tlsa.getMatchingType(),
                            tlsa.getCertificateAssociationData()));
                case PTRRecord ptr -> data.add(new Data.Name(ptr.getTarget().toString(true)));
                default -> {}
            }
        }
        return data;
    }

    private static Data mx(MXRecord mx) {
        boolean root = mx.getTarget().equals(Name.root);
        String exchange = root ? "" : mx.getTarget().toString(true);
        // one form for one host, whatever case the zone is written in
        return new Data.Mx(
                mx.getPriority(), Domain.parse(exchange).map(Domain::ascii).orElse(exchange), root);
    }

    /** RFC 7208 3.3 and others: the strings of one TXT record are one text. */
    private static byte[] join(List<byte[]> strings) {
        byte[] all = new byte[strings.stream().mapToInt(s -> s.length).sum()];
        int at = 0;
        for (byte[] part : strings) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
