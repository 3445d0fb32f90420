package org.hikyaku.table;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Clock;

/**
 * The sender rewriting scheme: mail that we pass on for a sender elsewhere goes under an address of ours that carries his, so
 * that SPF holds and bounces find back. {@code SRS0=hash=day=domain=local}, and for what came so already
 * {@code SRS1=hash=firsthost==rest}, which keeps the first forwarder and leaves out all others.
 *
 * <p>Only what we signed is turned back, for a time, in whatever case it returns: the hash is over lower case and written in
 * letters without case.
 *
 * <p><i>Failure:</i> an address that would be too long for SMTP is not rewritten; one that is not ours, has been altered or is
 * too old is none.
 */
public final class Srs {
    /** RFC 5321 4.5.3.1.3: a path of 256 octets, with its angle brackets. */
    private static final int OCTETS_MAX = 254;

    private static final int HASH_LETTERS = 8;
    private static final int DAYS = 1024;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

    private final Domain domain;
    private final SrsKeys keys;
    private final Duration validFor;
    private final Clock clock;

    public Srs(Domain domain, SrsKeys keys, Duration validFor, Clock clock) {
        this.domain = domain;
        this.keys = keys;
        this.validFor = validFor;
        this.clock = clock;
    }

    /** The same with other keys. */
    Srs with(SrsKeys others) {
        return new Srs(domain, others, validFor, clock);
    }

    /** Whether this would be an address of ours of this kind, right or wrong. */
    boolean claims(Address address) {
        return address.domain().filter(domain::equals).isPresent() && (kind(address) >= 0);
    }

    /** 0 or 1 for a local part of SRS, else -1. */
    private static int kind(Address address) {
        String local = address.local();
        boolean srs =
                local.length() > 5 && local.regionMatches(true, 0, "SRS", 0, 3) && "=+-".indexOf(local.charAt(4)) >= 0;
        return srs ? "01".indexOf(local.charAt(3)) : -1;
    }

    /** The sender under which mail of {@code sender} is passed on; empty where it cannot be. */
    Optional<Address> forward(Address sender) {
        if (keys.newestFirst().isEmpty() || sender.isNull() || sender.domain().isEmpty()) {
            return Optional.empty();
        }
        String from = sender.requireDomain().ascii();
        String local = sender.local();
        String before = switch (kind(sender)) {
            case 0 -> "=" + from + "=" + local.substring(4);
            case 1 -> passedOn(local);
            default -> "";
        };
        String text =
                before.isEmpty() ? "SRS0" + signed("=" + day() + "=" + from + "=" + local) : "SRS1" + signed(before);
        return Optional.of(Address.of(text, domain)).filter(address -> address.octets() <= OCTETS_MAX);
    }

    /** Another's SRS1: his hash makes room for ours. Empty when it is none. */
    private static String passedOn(String local) {
        int hashEnd = local.indexOf('=', 5);
        return hashEnd < 0 || firstForwarder(local.substring(hashEnd + 1)).isEmpty() ? "" : local.substring(hashEnd);
    }

    /** The address that {@code address}, which {@link #claims} is ours, was made from. */
    Optional<Address> reverse(Address address) {
        String local = address.local();
        int hashEnd = local.indexOf('=', 5);
        if (hashEnd < 0 || !isSigned(local.substring(5, hashEnd), local.substring(hashEnd))) {
            return Optional.empty();
        }
        String rest = local.substring(hashEnd + 1);
        return kind(address) == 0 ? original(rest) : firstForwarder(rest);
    }

    /** {@code day=domain=local}. */
    private Optional<Address> original(String rest) {
        String[] words = rest.split("=", 3);
        if (words.length < 3 || !isFresh(words[0])) {
            return Optional.empty();
        }
        return address(words[2], words[1]);
    }

    /** {@code host==rest}, where {@code rest} is the first forwarder's own business. */
    private static Optional<Address> firstForwarder(String rest) {
        int at = rest.indexOf('=');
        return at < 0 ? Optional.empty() : address("SRS0" + rest.substring(at + 1), rest.substring(0, at));
    }

    private static Optional<Address> address(String local, String domain) {
        return Domain.parse(domain)
                .filter(d -> !local.isEmpty())
                .map(d -> Address.of(local, d))
                .filter(address -> address.octets() <= OCTETS_MAX
                        && Address.parse(address.toString()).isPresent());
    }

    private String signed(String text) {
        return "=" + hash(keys.newestFirst().getFirst(), text) + text;
    }

    private boolean isSigned(String hash, String text) {
        byte[] given = hash.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        List<byte[]> all = keys.newestFirst();
        boolean right = false;
        for (byte[] key : all) {
            right |= MessageDigest.isEqual(given, hash(key, text).getBytes(StandardCharsets.US_ASCII));
        }
        return right;
    }

    /** 40 bits: a guess has one chance in 10^12, and opens one address. */
    private static String hash(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] code = mac.doFinal(text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            return new Base32().encodeAsString(code).substring(0, HASH_LETTERS).toLowerCase(Locale.ROOT);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private int today() {
        return (int) (clock.now().getEpochSecond() / 86_400 % DAYS);
    }

    private String day() {
        int day = today();
        return "" + LETTERS.charAt(day >> 5) + LETTERS.charAt(day & 31);
    }

    /** Days go round after 1024; tomorrow is taken too, for clocks that were set. */
    private boolean isFresh(String day) {
        String low = day.toLowerCase(Locale.ROOT);
        int high = low.length() == 2 ? LETTERS.indexOf(low.charAt(0)) : -1;
        int rest = low.length() == 2 ? LETTERS.indexOf(low.charAt(1)) : -1;
        if (high < 0 || rest < 0) {
            return false;
        }
        int age = Math.floorMod(today() + 1 - (high * 32 + rest), DAYS);
        return age <= validFor.toDays() + 1;
    }
}
